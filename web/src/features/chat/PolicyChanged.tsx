import { useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Conversation, sendMessage } from "@/api/messages";
import type { Policy } from "@/api/types";
import { usePolicyWords } from "@/lib/policy-words";
import { problemOf } from "@/lib/problem";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";

type Props = {
	conversation: Conversation | undefined;
	conversationId: string;
	policy: Policy | undefined;
	onAgree?: () => Promise<void>;
};

/** Something was not taken because the meeting keeps more than before: what that is, and a yes that sends it. */
export function PolicyChanged({ conversation, conversationId, policy, onAgree }: Props) {
	const { t } = useLingui();
	const words = usePolicyWords();
	const queries = useQueryClient();
	const refused = conversation?.sending.filter(
		({ state, error }) => state === "failed" && problemOf(error).code === "policy_changed",
	);
	const agree = useMutation({
		mutationFn: async () => {
			await onAgree?.();
			for (const each of refused ?? []) await sendMessage(queries, conversationId, each);
		},
		networkMode: "always",
	});
	if (!refused?.length || !policy || !onAgree) return null;
	return (
		<Note
			action={
				<Button size="small" isPending={agree.isPending} onPress={() => agree.mutate()}>
					{t`Agree and send`}
				</Button>
			}
		>
			{t`This meeting keeps more than when you joined.`} {words.short(policy)}
			<ProblemNote error={agree.error} />
		</Note>
	);
}
