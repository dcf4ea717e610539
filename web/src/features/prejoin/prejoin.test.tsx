import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { Door } from "@/api/types";
import { show } from "@/app/test-app";
import { createCall } from "@/call/call";
import { createPreview } from "@/call/preview";
import type { Session } from "@/call/session";
import { JoinForm } from "@/features/prejoin/JoinForm";
import { WhoIsInside } from "@/features/prejoin/WhoIsInside";
import { createStore } from "@/lib/store";

afterEach(cleanup);

const door: Door = {
	code: "qjm-wx4t-9kd",
	title: "Design review",
	host_name: "Maya Köhler",
	state: "live",
	admission: "link",
	inside: { count: 5, names: ["Maya Köhler", "陈曦", "Omar Aziz", "Sara", "Jo"] },
	policy: {
		chat_kept_days: 90,
		recording: "off",
		attendance: "kept_anonymous",
		guest_key_days: 30,
		seen_by: "people in this meeting",
	},
	you: { kind: "nobody", name: null, role: "attendee", knocks: false },
};

function setUp(part: Partial<Door> = {}) {
	const join = vi.fn(async () => {});
	const session: Session = {
		phase: createStore({ kind: "door" }),
		join,
		comeHere: async () => {},
		accept: async () => {},
		refresh: async () => {},
		resume: async () => {},
		leave: async () => {},
		close: async () => {},
	};
	const getUserMedia = vi.fn();
	const preview = createPreview({ getUserMedia } as unknown as MediaDevices);
	const call = createCall({
		openMedia: () => Promise.reject(new Error("none")),
		permit: () => Promise.reject(new Error("none")),
	});
	show(<JoinForm door={{ ...door, ...part }} session={session} call={call} preview={preview} />);
	return { join, getUserMedia };
}

test("a guest gives a name and is in by one press, with everything off", async () => {
	const { join, getUserMedia } = setUp();
	await userEvent.type(screen.getByRole("textbox", { name: "Your name" }), "Ben");
	await userEvent.click(screen.getByRole("button", { name: "Join with everything off" }));
	expect(join).toHaveBeenCalledWith("Ben", []);
	expect(getUserMedia).not.toHaveBeenCalled();
});

test("the card says what is kept", () => {
	setUp();
	expect(screen.getByText("Kept 90 days, seen by people in this meeting")).toBeTruthy();
	expect(screen.getByText(/goes 30 days after the meeting, or at once/)).toBeTruthy();
});

test("who must knock asks", () => {
	setUp({ you: { ...door.you, knocks: true } });
	expect(screen.getByRole("button", { name: "Ask to join" })).toBeTruthy();
	expect(screen.getByText("The host lets you in. Everything stays off.")).toBeTruthy();
});

test("an account joins under its nickname", async () => {
	const { join } = setUp({ you: { ...door.you, kind: "account", name: "Lin Wei" } });
	await userEvent.click(screen.getByRole("button", { name: "Join with everything off" }));
	expect(join).toHaveBeenCalledWith(null, []);
});

test("names are told to those who may walk in, a number to those who knock", () => {
	show(<WhoIsInside door={door} />);
	expect(screen.getByText("Maya Köhler, 陈曦, Omar Aziz and 2 more are inside")).toBeTruthy();
	cleanup();
	show(<WhoIsInside door={{ ...door, inside: { count: 3, names: null } }} />);
	expect(screen.getByText("3 people are inside")).toBeTruthy();
});
