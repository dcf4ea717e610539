import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { MessageCircle } from "lucide-react";
import { conversationQuery } from "@/api/messages";
import styles from "@/features/chat/chat.module.css";
import { Avatar } from "@/ui/Avatar";

type Props = { conversationId: string; onOpen: () => void };

/** On a phone: what was said last, above the dock. */
export function ChatPeek({ conversationId, onOpen }: Props) {
	const { t } = useLingui();
	const { data } = useQuery(conversationQuery(conversationId));
	const last = data?.messages.at(-1);
	if (last?.body.state !== "open") return null;
	const name = last.sender_name ?? t`A former participant`;
	return (
		<button type="button" className={styles.peek} onClick={onOpen}>
			<Avatar name={last.sender_name} size="s" />
			<span className={styles.peekText}>
				<b>{last.is_you ? t`You` : name}</b>
				<span>{last.body.text}</span>
			</span>
			<MessageCircle aria-hidden />
		</button>
	);
}
