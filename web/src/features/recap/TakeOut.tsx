import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { conversationQuery } from "@/api/messages";
import { meetingsQuery, recapQuery } from "@/api/queries";
import { Button } from "@/ui/Button";
import { Answers, Dialog } from "@/ui/Dialog";
import { Stack, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";

type Props = { code: string; conversationId: string };

/** One's own part of the meeting, taken out of it for everyone. */
export function TakeOut({ code, conversationId }: Props) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const [asked, setAsked] = useState(false);
	const take = api.useMutation("post", "/api/meetings/{code}/seat/take-out", {
		onSuccess: async () => {
			await queries.invalidateQueries(recapQuery(code));
			queries.removeQueries(conversationQuery(conversationId));
			void queries.invalidateQueries(meetingsQuery());
			setAsked(false);
		},
	});
	return (
		<>
			<Button size="small" onPress={() => setAsked(true)}>
				{t`Take me out of this`}
			</Button>
			<Dialog
				title={t`Take yourself out of this meeting?`}
				isOpen={asked}
				onClose={() => setAsked(false)}
				alert
			>
				<Stack gap={4}>
					<Text tone="quiet">
						{t`Your name, when you came, what you wrote and which screens you shared go, for everyone. That somebody was there stays. This cannot be undone.`}
					</Text>
					<ProblemNote error={take.error} />
					<Answers>
						<Button onPress={() => setAsked(false)}>{t`Leave it as it is`}</Button>
						<Button
							look="bad"
							isPending={take.isPending}
							onPress={() => take.mutate({ params: { path: { code } } })}
						>
							{t`Take me out`}
						</Button>
					</Answers>
				</Stack>
			</Dialog>
		</>
	);
}
