import { useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { MessageCircle } from "lucide-react";
import { conversationQuery, fetchEarlierMessages, markSeen } from "@/api/messages";
import type { Policy } from "@/api/types";
import { ChatInput } from "@/features/chat/ChatInput";
import styles from "@/features/chat/chat.module.css";
import { MessageLine, SendingLine } from "@/features/chat/MessageLine";
import { usePolicyWords } from "@/lib/policy-words";
import { TextButton } from "@/ui/Button";
import { Empty } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

export function ChatPanel({
	conversationId,
	policy,
}: {
	conversationId: string;
	policy: Policy | undefined;
}) {
	const { t } = useLingui();
	const words = usePolicyWords();
	const queries = useQueryClient();
	const conversation = useQuery(conversationQuery(conversationId));
	const { data } = conversation;
	const isEmpty = data && data.messages.length + data.sending.length === 0;
	return (
		<>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
			<section className={styles.messages} aria-label={t`Messages`} tabIndex={0}>
				{conversation.isPending ? (
					<SkeletonLines />
				) : conversation.isError ? (
					<ProblemNote error={conversation.error} onRetry={() => void conversation.refetch()} />
				) : isEmpty ? (
					<Empty
						icon={<MessageCircle aria-hidden />}
					>{t`Nothing written yet. Everyone in this meeting reads what you write here.`}</Empty>
				) : (
					<div>
						{data?.hasEarlier ? (
							<p className={styles.earlier}>
								<TextButton
									onPress={() => void fetchEarlierMessages(queries, conversationId)}
								>{t`Earlier messages`}</TextButton>
							</p>
						) : null}
						<div role="log" aria-label={t`Messages`}>
							<ol>
								{data?.messages.map((message) => (
									<MessageLine key={message.message_id} message={message} />
								))}
								{data?.sending.map((sending) => (
									<SendingLine key={sending.client_id} sending={sending} conversationId={conversationId} />
								))}
							</ol>
							<span key={data?.messages.at(-1)?.seq} ref={() => markSeen(queries, conversationId)} />
						</div>
					</div>
				)}
			</section>
			<div className={styles.write}>
				<ChatInput conversationId={conversationId} />
				{policy ? <p className={styles.keeps}>{words.chat(policy)}</p> : null}
			</div>
		</>
	);
}
