import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { conversationQuery } from "@/api/messages";
import styles from "@/features/chat/chat.module.css";
import { MessageList } from "@/features/chat/MessageList";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

/** What was written, to be read after the meeting. */
export function ChatHistory({ conversationId }: { conversationId: string }) {
	const { t } = useLingui();
	const conversation = useQuery(conversationQuery(conversationId));
	if (conversation.isError)
		return <ProblemNote inset error={conversation.error} onRetry={() => void conversation.refetch()} />;
	if (!conversation.data) return <SkeletonLines />;
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
		<section className={styles.history} aria-label={t`What was written`} tabIndex={0}>
			<MessageList
				conversationId={conversationId}
				conversation={conversation.data}
				empty={t`Nothing was written`}
			/>
		</section>
	);
}
