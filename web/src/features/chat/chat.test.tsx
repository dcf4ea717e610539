import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Message } from "@/api/types";
import { show } from "@/app/test-app";
import { ChatPanel } from "@/features/chat/ChatPanel";
import { emoji } from "@/features/chat/emoji";
import { linesOf, partsOf } from "@/features/chat/model";

afterEach(cleanup);

const policy = {
	version: 1,
	chat_kept_days: 90,
	recording: "off",
	attendance: "kept",
	guest_key_days: 30,
	seen_by: "people in this meeting",
} as const;

describe("the chat", () => {
	test("says how long and for whom it is kept, and sends with Enter", async () => {
		const { world } = show(<ChatPanel conversationId="cnv_1" policy={policy} />);
		expect(screen.getByText("Kept 90 days, seen by people in this meeting")).toBeTruthy();
		await screen.findByText("陈曦");
		await userEvent.type(screen.getByRole("textbox", { name: "Message everyone here" }), "hello{Enter}");
		await screen.findByText("hello");
		expect(world.messages.at(-1)?.body).toEqual({ state: "open", text: "hello" });
	});

	test("an erased message keeps its place without its words", async () => {
		show(<ChatPanel conversationId="cnv_1" policy={policy} />);
		expect(await screen.findByText("Erased by its author")).toBeTruthy();
		expect(screen.getByText("A former participant")).toBeTruthy();
	});

	test("what was not sent can be sent again", async () => {
		show(<ChatPanel conversationId="cnv_1" policy={policy} />);
		await screen.findByText("陈曦");
		await userEvent.type(screen.getByRole("textbox", { name: "Message everyone here" }), "fail{Enter}");
		expect(await screen.findByRole("button", { name: "Send again" })).toBeTruthy();
	});

	test("the arrow upwards edits what one wrote last, and everyone sees that it was", async () => {
		const { world } = show(<ChatPanel conversationId="cnv_1" policy={policy} />);
		const own = "Contrast on the charts is still 3:1.";
		await screen.findByText(own);
		await userEvent.type(screen.getByRole("textbox", { name: "Message everyone here" }), "{ArrowUp}");
		const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Edit your message" });
		expect(field.value).toBe(own);
		await userEvent.clear(field);
		await userEvent.type(field, "It is 4:1 now.{Enter}");
		await screen.findByText("It is 4:1 now.");
		expect(world.messages.find(({ is_you }) => is_you)?.body).toEqual({
			state: "open",
			text: "It is 4:1 now.",
		});
		expect(screen.getAllByText("edited")).toHaveLength(2);
		expect(await screen.findByRole("textbox", { name: "Message everyone here" })).toBeTruthy();
	});

	test("a host deletes what another wrote, after a question; who is none cannot", async () => {
		const { world } = show(<ChatPanel conversationId="cnv_1" policy={policy} isHost />);
		await screen.findByText("陈曦");
		const menus = screen.getAllByRole("button", { name: "More about this message" });
		await userEvent.click(menus[0] as HTMLElement);
		expect(screen.queryByRole("menuitem", { name: "Edit" })).toBeNull();
		await userEvent.click(screen.getByRole("menuitem", { name: "Delete" }));
		await userEvent.click(await screen.findByRole("button", { name: "Delete for everyone" }));
		await waitFor(() => expect(world.messages[1]?.body).toEqual({ state: "deleted" }));
		cleanup();
		show(<ChatPanel conversationId="cnv_1" policy={policy} />);
		await screen.findByText("陈曦");
		await userEvent.click(
			screen.getAllByRole("button", { name: "More about this message" })[0] as HTMLElement,
		);
		expect(screen.queryByRole("menuitem", { name: "Delete" })).toBeNull();
	});

	test("what is refused because the meeting keeps more is sent after a yes", async () => {
		const agree = vi.fn(async () => {});
		show(<ChatPanel conversationId="cnv_1" policy={policy} onAgree={agree} />);
		await screen.findByText("陈曦");
		await userEvent.type(screen.getByRole("textbox", { name: "Message everyone here" }), "changed{Enter}");
		await screen.findByText(/What this meeting keeps has changed/);
		await userEvent.click(await screen.findByRole("button", { name: "Agree and send" }));
		expect(agree).toHaveBeenCalledOnce();
	});

	test("a refusal by the host is said in words", async () => {
		show(<ChatPanel conversationId="cnv_1" policy={policy} />);
		await screen.findByText("陈曦");
		await userEvent.type(screen.getByRole("textbox", { name: "Message everyone here" }), "refused{Enter}");
		expect(await screen.findByText("The host has not allowed this here.")).toBeTruthy();
	});

	test("an emoji is found by a word and put into the text", async () => {
		show(<ChatPanel conversationId="cnv_1" policy={policy} />);
		const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message everyone here" });
		await userEvent.type(field, "done ");
		await userEvent.click(await screen.findByRole("button", { name: "Emoji" }));
		await userEvent.type(await screen.findByRole("searchbox", { name: "Look for an emoji" }), "火箭");
		await userEvent.click(await screen.findByRole("option", { name: "rocket launch ship" }));
		expect(field.value).toBe("done 🚀");
	});
});

const at = (time: string) => new Date(`2026-11-24T${time}:00Z`).toISOString();
const said = (seq: number, sender_id: string, time: string): Message => ({
	message_id: `m${seq}`,
	seq,
	sender_id,
	sender_name: sender_id,
	is_you: false,
	at: at(time),
	edited_at: null,
	body: { state: "open", text: "" },
	client_id: null,
});

describe("the lines of a chat", () => {
	const shape = (messages: Message[], firstNew: number | null = null) =>
		linesOf(messages, firstNew, new Date(at("12:00"))).map((line) =>
			line.kind === "message" ? `${line.message.seq}${line.isFirst ? " named" : ""}` : line.kind,
		);

	test("name a person once for what they say in a row", () => {
		expect(
			shape([said(1, "a", "10:00"), said(2, "a", "10:04"), said(3, "b", "10:04"), said(4, "a", "10:05")]),
		).toEqual(["1 named", "2", "3 named", "4 named"]);
		expect(shape([said(1, "a", "10:00"), said(2, "a", "10:06")])).toEqual(["1 named", "2 named"]);
	});

	test("are parted by days that are not today, and above the first new one", () => {
		const yesterday = { ...said(1, "a", "10:00"), at: "2026-11-23T10:00:00Z" };
		expect(shape([yesterday, said(2, "a", "10:00"), said(3, "a", "10:01")], 3)).toEqual([
			"day",
			"1 named",
			"day",
			"2 named",
			"new",
			"3 named",
		]);
	});
});

test("only addresses of the web become links, without the marks around them", () => {
	const links = (text: string) =>
		partsOf(text).flatMap(({ kind, text: part }) => (kind === "link" ? [part] : []));
	expect(links("see https://a.example/x?y=1, and (http://b.example/c_(d)).")).toEqual([
		"https://a.example/x?y=1",
		"http://b.example/c_(d)",
	]);
	expect(links("看这里：https://a.example/页面。谢谢")).toEqual(["https://a.example/页面"]);
	expect(links("javascript:alert(1) data:text/html,x ftp://a.example https://")).toEqual([]);
	const text = "a https://a.example b";
	expect(
		partsOf(text)
			.map((part) => part.text)
			.join(""),
	).toBe(text);
});

test("an emoji has one picture and words in both languages", () => {
	expect(new Set(emoji.map(({ id }) => id)).size).toBe(emoji.length);
	for (const { id, en, zh } of emoji) expect([id, en, zh].every(Boolean), id).toBe(true);
});
