import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, client } from "@/api/client";
import { meetingsQuery } from "@/api/queries";
import type { Admission, Meeting } from "@/api/types";
import { useAdmissionOptions } from "@/lib/admission-words";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { Answers, Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Form, FormFoot } from "@/ui/Form";
import { Card, Stack, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { toast } from "@/ui/toasts";

export function MeetingSettings({ meeting }: { meeting: Meeting }) {
	const { t } = useLingui();
	const { code } = meeting;
	const queries = useQueryClient();
	const options = useAdmissionOptions();
	const [title, setTitle] = useState(meeting.title ?? "");
	const [admission, setAdmission] = useState<Admission>(meeting.admission);
	const refresh = () => queries.invalidateQueries(meetingsQuery());
	const undo = async () => {
		await client.PATCH("/api/meetings/{code}", {
			params: { path: { code } },
			body: { title: meeting.title, admission: meeting.admission },
		});
		setTitle(meeting.title ?? "");
		setAdmission(meeting.admission);
		await refresh();
	};
	const save = api.useMutation("patch", "/api/meetings/{code}", {
		onSuccess: async () => {
			toast(t`Changed`, () => void undo());
			await refresh();
		},
	});
	const submit = () =>
		save.mutate({ params: { path: { code } }, body: { title: title.trim() || null, admission } });
	return (
		<Card pad>
			<Form onSubmit={submit}>
				<Field
					label={t`Title`}
					optional
					value={title}
					onChange={setTitle}
					maxLength={200}
					hint={t`Seen by whoever opens the link.`}
				/>
				<Choice label={t`Who comes in`} value={admission} onChange={setAdmission} options={options} />
				<ProblemNote error={save.error} />
				<FormFoot>
					<EndMeeting code={code} />
					<Button type="submit" look="primary" isPending={save.isPending}>
						{t`Save`}
					</Button>
				</FormFoot>
			</Form>
		</Card>
	);
}

function EndMeeting({ code }: { code: string }) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const [asked, setAsked] = useState(false);
	const end = api.useMutation("post", "/api/meetings/{code}/end", {
		onSuccess: async () => {
			setAsked(false);
			await queries.invalidateQueries(meetingsQuery());
		},
	});
	return (
		<>
			<Button look="bad" onPress={() => setAsked(true)}>
				{t`End meeting`}
			</Button>
			<Dialog title={t`End this meeting for everyone?`} isOpen={asked} onClose={() => setAsked(false)} alert>
				<Stack gap={4}>
					<Text tone="quiet">
						{t`Whoever is inside is taken to the closing page, and the link opens no more. The chat stays as long as it was promised.`}
					</Text>
					<ProblemNote error={end.error} />
					<Answers>
						<Button onPress={() => setAsked(false)}>{t`Keep it open`}</Button>
						<Button
							look="bad"
							isPending={end.isPending}
							onPress={() => end.mutate({ params: { path: { code } } })}
						>
							{t`End for everyone`}
						</Button>
					</Answers>
				</Stack>
			</Dialog>
		</>
	);
}
