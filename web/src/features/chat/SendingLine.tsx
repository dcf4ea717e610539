import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { discardMessage, type Sending, sendMessage } from "@/api/messages";
import styles from "@/features/chat/chat.module.css";
import { WithLinks } from "@/features/chat/MessageLine";
import { useProblemWords } from "@/lib/problem-words";
import { Button } from "@/ui/Button";
import { Row } from "@/ui/Layout";

type Props = { sending: Sending; conversationId: string };

/** On its way; or not taken, with the reason, for another try. */
export function SendingLine({ sending, conversationId }: Props) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const words = useProblemWords();
	const isFailed = sending.state === "failed";
	return (
		<li className={styles.message}>
			<span />
			<div className={styles.said}>
				<div className={styles.messageHead}>
					<b>{t`You`}</b> <span>{isFailed ? t`not sent` : t`sending`}</span>
				</div>
				<p className={styles.messageText}>
					<WithLinks text={sending.text} />
				</p>
				{isFailed ? (
					<div className={styles.failed} role="alert">
						<span>{words(sending.error)}</span>
						<Row>
							<Button
								size="small"
								onPress={() => void sendMessage(queries, conversationId, sending)}
							>{t`Send again`}</Button>
							<Button
								size="small"
								look="ghost"
								onPress={() => discardMessage(queries, conversationId, sending.client_id)}
							>{t`Discard`}</Button>
						</Row>
					</div>
				) : null}
			</div>
		</li>
	);
}
