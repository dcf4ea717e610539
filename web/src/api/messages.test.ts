import { beforeEach, describe, expect, test, vi } from "vitest";
import {
	type Conversation,
	conversationQuery,
	deleteMessage,
	editMessage,
	fetchMessage,
	fetchNewMessages,
	mergeMessages,
	sendMessage,
	unreadOf,
} from "@/api/messages";
import { createQueries } from "@/api/queries";
import type { Message } from "@/api/types";
import { handle } from "../../mock-api/handle.ts";
import { createWorld, usual, type World } from "../../mock-api/world.ts";

const message = (seq: number, more: Partial<Message> = {}): Message => ({
	message_id: `m${seq}`,
	seq,
	sender_id: "a",
	sender_name: "A",
	is_you: false,
	at: "2026-11-24T10:00:00Z",
	edited_at: null,
	body: { state: "open", text: `${seq}` },
	client_id: null,
	...more,
});

test("messages are merged by their numbers, the newer copy counts", () => {
	const merged = mergeMessages(
		[message(1), message(3)],
		[message(2), message(3, { body: { state: "erased" } })],
	);
	expect(merged.map(({ seq }) => seq)).toEqual([1, 2, 3]);
	expect(merged[2]?.body.state).toBe("erased");
});

describe("a conversation", () => {
	let world: World;
	const queries = createQueries();
	const now = () => queries.getQueryData<Conversation>(conversationQuery("cnv_1").queryKey);
	beforeEach(async () => {
		world = createWorld({ ...usual });
		vi.stubGlobal("fetch", (request: Request) => handle(world, request));
		queries.clear();
		await queries.fetchQuery(conversationQuery("cnv_1"));
	});

	test("shows one's own message before the server has it, and once when it has", async () => {
		const sent = sendMessage(queries, "cnv_1", { client_id: "c1", text: "hello", at: "", state: "sending" });
		expect(now()?.sending.map(({ text }) => text)).toEqual(["hello"]);
		await sent;
		expect(now()?.sending).toEqual([]);
		expect(now()?.messages.at(-1)?.body).toEqual({ state: "open", text: "hello" });
	});

	test("keeps what could not be sent, for another try", async () => {
		await sendMessage(queries, "cnv_1", { client_id: "c1", text: "fail", at: "", state: "sending" });
		expect(now()?.sending).toMatchObject([{ client_id: "c1", state: "failed" }]);
	});

	test("shows an edit at once, and puts back what the server does not take", async () => {
		const own = now()?.messages.find(({ is_you }) => is_you);
		if (!own) throw new Error("no message of one's own");
		const shown = () => now()?.messages.find(({ seq }) => seq === own.seq);
		const edit = editMessage(queries, "cnv_1", own, "anew");
		expect(shown()?.body).toEqual({ state: "open", text: "anew" });
		await edit;
		expect(shown()?.edited_at).not.toBeNull();
		const edited = shown();
		if (!edited) throw new Error("the message is gone");
		world.scenario.failing = true;
		await expect(deleteMessage(queries, "cnv_1", edited)).rejects.toMatchObject({ code: "internal" });
		expect(shown()).toEqual(edited);
	});

	test("fetches the one message that was changed elsewhere", async () => {
		world.messages = world.messages.map((each) =>
			each.message_id === "msg_2" ? { ...each, body: { state: "deleted" } } : each,
		);
		await fetchMessage(queries, "cnv_1", "msg_2");
		expect(now()?.messages[1]?.body).toEqual({ state: "deleted" });
	});

	test("fills a gap of any length", async () => {
		const last = now()?.messages.at(-1)?.seq ?? 0;
		world.messages = [...world.messages, ...Array.from({ length: 250 }, (_, at) => message(last + 1 + at))];
		await fetchNewMessages(queries, "cnv_1");
		expect(now()?.messages).toHaveLength(last + 250);
	});
});

test("news is what others said since the chat was on the screen", () => {
	const messages = [message(1), message(2, { is_you: true }), message(3)];
	expect(unreadOf({ messages, seen: 0 })).toBe(2);
	expect(unreadOf({ messages, seen: 1 })).toBe(1);
	expect(unreadOf({ messages, seen: 3 })).toBe(0);
});
