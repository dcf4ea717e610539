import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { client } from "@/api/client";
import type { Message } from "@/api/types";

/** A conversation in the cache: what the server has, and what is on its way there. */
export type Sending = {
	client_id: string;
	text: string;
	at: string;
	state: "sending" | "failed";
	/** Why it was not taken. */
	error?: unknown;
};
export type Conversation = {
	messages: readonly Message[];
	sending: readonly Sending[];
	hasEarlier: boolean;
	/** The last number that was on this screen. What was said before one came in is history, not news. */
	seen: number;
};

const page = 100;

export const conversationQuery = (id: string) =>
	queryOptions({
		queryKey: ["conversation", id],
		queryFn: async ({ client: queries }): Promise<Conversation> => {
			const { messages, more } = await fetchMessages(id);
			const before = queries.getQueryData<Conversation>(["conversation", id]);
			return settle({
				messages: mergeMessages([], messages),
				sending: before?.sending ?? [],
				hasEarlier: more,
				seen: before?.seen ?? messages.at(-1)?.seq ?? 0,
			});
		},
		// What was said does not become stale; events tell what is new.
		staleTime: Number.POSITIVE_INFINITY,
	});

/** A page of messages; the newest, where nothing else is asked for. */
async function fetchMessages(id: string, query: { before: number } | { after: number } | null = null) {
	const { data, error } = await client.GET("/api/conversations/{id}/messages", {
		params: { path: { id }, query: { ...query, limit: page } },
	});
	if (error) throw error;
	return data;
}

/** In the order of their numbers, each once; the newer copy of a message counts. */
export function mergeMessages(known: readonly Message[], fetched: readonly Message[]): Message[] {
	const byNumber = new Map(known.map((message) => [message.seq, message]));
	for (const message of fetched) byNumber.set(message.seq, message);
	return [...byNumber.values()].sort((one, other) => one.seq - other.seq);
}

/** What has arrived is no longer on its way. */
export function settle(conversation: Conversation): Conversation {
	const arrived = new Set(conversation.messages.map(({ client_id }) => client_id));
	const sending = conversation.sending.filter(({ client_id }) => !arrived.has(client_id));
	return sending.length === conversation.sending.length ? conversation : { ...conversation, sending };
}

/** The first message that was not on the screen yet, where somebody else wrote it. */
export function firstUnreadOf({ messages, seen }: Pick<Conversation, "messages" | "seen">): number | null {
	return messages.find(({ seq, is_you }) => seq > seen && !is_you)?.seq ?? null;
}

/** How many messages of others came since the chat was last on the screen. */
export function unreadOf({ messages, seen }: Pick<Conversation, "messages" | "seen">): number {
	return messages.filter(({ seq, is_you }) => seq > seen && !is_you).length;
}

function change(queries: QueryClient, id: string, how: (now: Conversation) => Conversation) {
	queries.setQueryData(conversationQuery(id).queryKey, (now) => (now ? settle(how(now)) : now));
}

/** Everything after the last message that is known here, however much that is. */
export async function fetchNewMessages(queries: QueryClient, id: string): Promise<void> {
	const key = conversationQuery(id).queryKey;
	if (!queries.getQueryData(key)) return;
	for (let more = true; more; ) {
		const last = queries.getQueryData(key)?.messages.at(-1)?.seq ?? 0;
		const answer = await fetchMessages(id, { after: last });
		change(queries, id, (now) => ({ ...now, messages: mergeMessages(now.messages, answer.messages) }));
		more = answer.more && answer.messages.length > 0;
	}
}

export async function fetchEarlierMessages(queries: QueryClient, id: string): Promise<void> {
	const first = queries.getQueryData(conversationQuery(id).queryKey)?.messages[0]?.seq;
	if (first === undefined) return;
	const answer = await fetchMessages(id, { before: first });
	change(queries, id, (now) => ({
		...now,
		messages: mergeMessages(now.messages, answer.messages),
		hasEarlier: answer.more,
	}));
}

/** Shown at once; sent with an id of its own, so that a second try makes no second message. */
export async function sendMessage(queries: QueryClient, id: string, message: Sending): Promise<void> {
	const { client_id, text } = message;
	change(queries, id, (now) => ({
		...now,
		sending: [
			...now.sending.filter((each) => each.client_id !== client_id),
			{ ...message, state: "sending", error: undefined },
		],
	}));
	const fail = (why: unknown) =>
		change(queries, id, (now) => ({
			...now,
			sending: now.sending.map((each) =>
				each.client_id === client_id ? { ...each, state: "failed", error: why } : each,
			),
		}));
	try {
		const { data, error } = await client.POST("/api/conversations/{id}/messages", {
			params: { path: { id } },
			body: { client_id, text },
		});
		if (error || !data) return fail(error);
		change(queries, id, (now) => ({
			...now,
			messages: mergeMessages(now.messages, [{ ...data, client_id }]),
		}));
	} catch (error) {
		fail(error);
	}
}

export function discardMessage(queries: QueryClient, id: string, clientId: string): void {
	change(queries, id, (now) => ({
		...now,
		sending: now.sending.filter((each) => each.client_id !== clientId),
	}));
}

/** The chat is on the screen, with everything in it. */
export function markSeen(queries: QueryClient, id: string): void {
	const now = queries.getQueryData(conversationQuery(id).queryKey);
	const last = now?.messages.at(-1)?.seq;
	if (last !== undefined && last !== now?.seen) change(queries, id, (each) => ({ ...each, seen: last }));
}

/** The newest page anew: what was edited or deleted while nobody listened. */
export async function refreshMessages(queries: QueryClient, id: string): Promise<void> {
	await fetchNewMessages(queries, id);
	const { messages } = await fetchMessages(id);
	change(queries, id, (now) => ({ ...now, messages: mergeMessages(now.messages, messages) }));
}

/** One message anew, after it was edited or deleted; one that is not known here yet comes by itself. */
export async function fetchMessage(queries: QueryClient, id: string, messageId: string): Promise<void> {
	const known = queries.getQueryData(conversationQuery(id).queryKey)?.messages;
	if (!known?.some(({ message_id }) => message_id === messageId)) return;
	const { data, error } = await client.GET("/api/conversations/{id}/messages/{message_id}", {
		params: { path: { id, message_id: messageId } },
	});
	if (error) throw error;
	put(queries, id, data);
}

/** Shown edited at once; what the server does not take is put back. */
export async function editMessage(
	queries: QueryClient,
	id: string,
	message: Message,
	text: string,
): Promise<void> {
	await changeMessage(
		queries,
		id,
		message,
		{ body: { state: "open", text }, edited_at: new Date().toISOString() },
		(path) =>
			client.PATCH("/api/conversations/{id}/messages/{message_id}", { params: { path }, body: { text } }),
	);
}

export async function deleteMessage(queries: QueryClient, id: string, message: Message): Promise<void> {
	await changeMessage(queries, id, message, { body: { state: "deleted" } }, async (path) => {
		const { error } = await client.DELETE("/api/conversations/{id}/messages/{message_id}", {
			params: { path },
		});
		return { error };
	});
}

type MessagePath = { id: string; message_id: string };

async function changeMessage(
	queries: QueryClient,
	id: string,
	message: Message,
	next: Partial<Message>,
	send: (path: MessagePath) => Promise<{ error?: unknown; data?: Message }>,
): Promise<void> {
	put(queries, id, { ...message, ...next });
	try {
		const { error, data } = await send({ id, message_id: message.message_id });
		if (error) throw error;
		if (data) put(queries, id, data);
	} catch (error) {
		put(queries, id, message);
		throw error;
	}
}

function put(queries: QueryClient, id: string, message: Message): void {
	change(queries, id, (now) => ({ ...now, messages: mergeMessages(now.messages, [message]) }));
}
