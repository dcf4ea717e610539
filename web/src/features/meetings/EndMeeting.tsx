import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { meetingQuery, meetingsQuery } from "@/api/queries";
import { Button } from "@/ui/Button";
import { Answers, Dialog } from "@/ui/Dialog";
import { Stack, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";

export function EndMeeting({ code }: { code: string }) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const [asked, setAsked] = useState(false);
	const end = api.useMutation("post", "/api/meetings/{code}/end", {
		onSuccess: async () => {
			setAsked(false);
			void queries.invalidateQueries(meetingQuery(code));
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
