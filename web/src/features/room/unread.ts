import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { conversationQuery } from "@/api/messages";

/** How many messages of others came since the chat was last open. */
export function useUnread(conversationId: string, isOpen: boolean): number {
	const { data } = useQuery(conversationQuery(conversationId));
	const last = data?.messages.at(-1)?.seq ?? 0;
	// What was said before one came in is history, not news.
	const [seen, setSeen] = useState<number | null>(null);
	if (data && (seen === null || (isOpen && seen !== last))) setSeen(last);
	if (isOpen || seen === null) return 0;
	return data?.messages.filter(({ seq, is_you }) => seq > seen && !is_you).length ?? 0;
}
