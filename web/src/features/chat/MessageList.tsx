import { useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { MessageCircle } from "lucide-react";
import type { ReactNode } from "react";
import { type Conversation, fetchEarlierMessages } from "@/api/messages";
import type { Message } from "@/api/types";
import styles from "@/features/chat/chat.module.css";
import { MessageLine } from "@/features/chat/MessageLine";
import { linesOf } from "@/features/chat/model";
import { SendingLine } from "@/features/chat/SendingLine";
import { useMinute } from "@/lib/clock";
import { useFormat } from "@/lib/format";
import { TextButton } from "@/ui/Button";
import { Empty } from "@/ui/Note";

type Props = {
	conversationId: string;
	conversation: Conversation;
	firstNew?: number | null;
	/** Tells whether the line above the news is on the screen. */
	newRef?: (element: HTMLElement | null) => (() => void) | undefined;
	edited?: string | null;
	empty: string;
	menu?: (message: Message) => ReactNode;
};

export function MessageList(props: Props) {
	const { conversationId, conversation, firstNew = null, newRef, edited, empty, menu } = props;
	const { t } = useLingui();
	const format = useFormat();
	const now = useMinute();
	const queries = useQueryClient();
	const earlier = useMutation({ mutationFn: () => fetchEarlierMessages(queries, conversationId) });
	const { messages, sending, hasEarlier } = conversation;
	if (messages.length + sending.length === 0)
		return <Empty icon={<MessageCircle aria-hidden />}>{empty}</Empty>;
	return (
		<div>
			{hasEarlier ? (
				<p className={styles.earlier}>
					<TextButton onPress={() => earlier.mutate()}>
						{earlier.isPending ? t`Loading` : t`Earlier messages`}
					</TextButton>
				</p>
			) : null}
			{/* What was said long ago is no news when it is loaded. */}
			<div role="log" aria-label={t`Messages`} aria-live={earlier.isPending ? "off" : "polite"}>
				<ol>
					{linesOf(messages, firstNew, now).map((line) =>
						line.kind === "message" ? (
							<MessageLine
								key={line.message.message_id}
								message={line.message}
								isFirst={line.isFirst}
								isEdited={line.message.message_id === edited}
								menu={menu?.(line.message)}
							/>
						) : line.kind === "day" ? (
							<li key={line.at} className={styles.divider}>
								<time dateTime={line.at}>{format.relativeDay(line.at, now)}</time>
							</li>
						) : (
							<li key="new" className={styles.news} ref={newRef} id="chat-new" tabIndex={-1}>
								{t`New`}
							</li>
						),
					)}
					{sending.map((each) => (
						<SendingLine key={each.client_id} sending={each} conversationId={conversationId} />
					))}
				</ol>
			</div>
		</div>
	);
}
