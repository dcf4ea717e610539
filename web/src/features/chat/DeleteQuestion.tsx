import { useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { deleteMessage } from "@/api/messages";
import type { Message } from "@/api/types";
import { Button } from "@/ui/Button";
import { Answers, Dialog } from "@/ui/Dialog";
import { Stack, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";

type Props = { conversationId: string; message: Message | null; onClose: () => void };

/** Asked, because nothing brings a deleted message back. */
export function DeleteQuestion({ conversationId, message, onClose }: Props) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const remove = useMutation({
		mutationFn: (which: Message) => deleteMessage(queries, conversationId, which),
		onSuccess: onClose,
		networkMode: "always",
	});
	return (
		<Dialog
			title={t`Delete this message?`}
			isOpen={message !== null}
			onClose={onClose}
			after="chat-field"
			alert
		>
			<Stack gap={4}>
				<Text tone="quiet">{t`It is gone for everyone, and cannot be brought back. Its place stays.`}</Text>
				<ProblemNote error={remove.error} />
				<Answers>
					<Button onPress={onClose}>{t`Keep it`}</Button>
					<Button
						look="bad"
						autoFocus
						isPending={remove.isPending}
						onPress={() => message && remove.mutate(message)}
					>
						{t`Delete for everyone`}
					</Button>
				</Answers>
			</Stack>
		</Dialog>
	);
}
