import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { discardMessage, type Sending, sendMessage } from "@/api/messages";
import type { Message } from "@/api/types";
import styles from "@/features/chat/chat.module.css";
import { useFormat } from "@/lib/format";
import { Avatar } from "@/ui/Avatar";
import { TextButton } from "@/ui/Button";

export function MessageLine({ message }: { message: Message }) {
	const { t } = useLingui();
	const format = useFormat();
	const name = message.sender_name ?? t`A former participant`;
	const { body } = message;
	return (
		<li className={styles.message}>
			<Avatar name={message.sender_name} size="s" />
			<div>
				<div className={styles.messageHead}>
					<b>{message.is_you ? t`You` : name}</b> <time dateTime={message.at}>{format.time(message.at)}</time>
				</div>
				{body.state === "open" ? (
					<p className={styles.messageText}>{body.text}</p>
				) : (
					<p className={styles.messageGone}>
						{body.state === "erased" ? t`Erased by its author` : t`This message cannot be opened`}
					</p>
				)}
			</div>
		</li>
	);
}

export function SendingLine({ sending, conversationId }: { sending: Sending; conversationId: string }) {
	const { t } = useLingui();
	const queries = useQueryClient();
	return (
		<li className={styles.message}>
			<span />
			<div>
				<div className={styles.messageHead}>
					<b>{t`You`}</b> <span>{sending.state === "sending" ? t`sending` : t`not sent`}</span>
				</div>
				<p className={styles.messageText}>{sending.text}</p>
				{sending.state === "failed" ? (
					<p className={styles.messageHead}>
						<TextButton
							onPress={() => void sendMessage(queries, conversationId, sending)}
						>{t`Send again`}</TextButton>{" "}
						<TextButton
							onPress={() => discardMessage(queries, conversationId, sending.client_id)}
						>{t`Discard`}</TextButton>
					</p>
				) : null}
			</div>
		</li>
	);
}
