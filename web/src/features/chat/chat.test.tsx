import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test } from "vitest";
import { show } from "@/app/test-app";
import { ChatPanel } from "@/features/chat/ChatPanel";

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
		await screen.findByText("Maya Köhler");
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
		await screen.findByText("Maya Köhler");
		await userEvent.type(screen.getByRole("textbox", { name: "Message everyone here" }), "fail{Enter}");
		expect(await screen.findByRole("button", { name: "Send again" })).toBeTruthy();
	});
});
