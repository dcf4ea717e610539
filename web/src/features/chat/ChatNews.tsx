import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { conversationQuery, unreadOf } from "@/api/messages";
import { Unseen } from "@/ui/Layout";

/** Says, while the chat is shut, that somebody wrote; the open chat says what. */
export function ChatNews({ conversationId }: { conversationId: string }) {
	const { t } = useLingui();
	const { data } = useQuery(conversationQuery(conversationId));
	const last = data?.messages.at(-1);
	const isNews = data && last && !last.is_you && unreadOf(data) > 0;
	return (
		<div role="status">
			{isNews ? (
				<Unseen key={last.seq}>{t`New message from ${last.sender_name ?? t`a former participant`}`}</Unseen>
			) : null}
		</div>
	);
}
