import { useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";
import { conversationQuery, firstUnreadOf, markSeen, unreadOf } from "@/api/messages";
import type { Message, Policy } from "@/api/types";
import { ChatInput } from "@/features/chat/ChatInput";
import styles from "@/features/chat/chat.module.css";
import { DeleteQuestion } from "@/features/chat/DeleteQuestion";
import { MessageList } from "@/features/chat/MessageList";
import { MessageMenu } from "@/features/chat/MessageMenu";
import { lastOwnOf } from "@/features/chat/model";
import { onScreen } from "@/features/chat/on-screen";
import { PolicyChanged } from "@/features/chat/PolicyChanged";
import { usePolicyWords } from "@/lib/policy-words";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

type Props = {
	conversationId: string;
	policy: Policy | undefined;
	/** Deletes what others wrote. */
	isHost?: boolean;
	mayWrite?: boolean;
	/** Agrees to what the meeting keeps now. */
	onAgree?: () => Promise<void>;
};

export function ChatPanel({ conversationId, policy, isHost = false, mayWrite = true, onAgree }: Props) {
	const { t } = useLingui();
	const words = usePolicyWords();
	const queries = useQueryClient();
	const conversation = useQuery(conversationQuery(conversationId));
	const { data } = conversation;
	// The line above the news stays where it was when the chat was opened.
	const [firstNew, setFirstNew] = useState<number | null | undefined>(data && firstUnreadOf(data));
	if (data && firstNew === undefined) setFirstNew(firstUnreadOf(data));
	const [editing, setEditing] = useState<Message | null>(null);
	const [deleting, setDeleting] = useState<Message | null>(null);
	const [isAtEnd, setAtEnd] = useState(true);
	const [isNewSeen, setNewSeen] = useState(true);
	const [newRef] = useState(() => onScreen(setNewSeen));
	const [endRef] = useState(() =>
		onScreen((isSeen) => {
			setAtEnd(isSeen);
			if (isSeen) markSeen(queries, conversationId);
		}),
	);
	const last = data?.messages.at(-1)?.seq;
	return (
		<>
			<div className={styles.place}>
				{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
				<section className={styles.messages} aria-label={t`Messages`} tabIndex={0}>
					{/* Looked for anew with each message, so that what comes while one reads is read. */}
					<span key={last} ref={endRef} className={styles.end} />
					{conversation.isError ? (
						<ProblemNote error={conversation.error} onRetry={() => void conversation.refetch()} />
					) : data ? (
						<MessageList
							conversationId={conversationId}
							conversation={data}
							firstNew={firstNew}
							newRef={newRef}
							edited={editing?.message_id}
							empty={t`Nothing written yet. Everyone in this meeting reads what you write here.`}
							menu={(message) => (
								<MessageMenu
									message={message}
									isHost={isHost}
									onEdit={() => setEditing(message)}
									onDelete={() => setDeleting(message)}
								/>
							)}
						/>
					) : (
						<SkeletonLines />
					)}
				</section>
				<Jumps
					toNew={typeof firstNew === "number" && !isNewSeen && isAtEnd}
					toEnd={!isAtEnd}
					unread={data ? unreadOf(data) : 0}
				/>
			</div>
			<div className={styles.write}>
				<PolicyChanged
					conversation={data}
					policy={policy}
					conversationId={conversationId}
					onAgree={onAgree}
				/>
				{mayWrite ? (
					<ChatInput
						key={editing?.message_id ?? "new"}
						conversationId={conversationId}
						editing={editing}
						onEdit={() => data && setEditing(lastOwnOf(data.messages))}
						onEdited={() => setEditing(null)}
					/>
				) : (
					<p className={styles.keeps}>{t`The host lets you read here, not write.`}</p>
				)}
				{policy ? <p className={styles.keeps}>{words.chat(policy)}</p> : null}
			</div>
			<DeleteQuestion conversationId={conversationId} message={deleting} onClose={() => setDeleting(null)} />
		</>
	);
}

/** Ways to what one does not see: up to the first new message, down to the last. */
function Jumps({ toNew, toEnd, unread }: { toNew: boolean; toEnd: boolean; unread: number }) {
	const { t } = useLingui();
	const go = (to: string) => document.getElementById(to)?.scrollIntoView({ block: "center" });
	if (toNew) {
		return (
			<button type="button" className={styles.jumpUp} onClick={() => go("chat-new")}>
				<ArrowUp aria-hidden />
				{t`New messages`}
			</button>
		);
	}
	if (!toEnd) return null;
	const label = unread > 0 ? t`${unread} new` : t`Newest`;
	const toLast = (button: HTMLElement) =>
		button.parentElement?.querySelector("section")?.scrollTo({ top: 0 });
	return (
		<button type="button" className={styles.jumpDown} onClick={({ currentTarget }) => toLast(currentTarget)}>
			<ArrowDown aria-hidden />
			{label}
		</button>
	);
}
