import { act, cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import type { Door } from "@/api/types";
import { show } from "@/app/test-app";
import { createCall } from "@/call/call";
import { createPreview } from "@/call/preview";
import type { Session } from "@/call/session";
import { JoinForm } from "@/features/prejoin/JoinForm";
import { Planned } from "@/features/prejoin/Planned";
import { WhoIsInside } from "@/features/prejoin/WhoIsInside";
import { createStore } from "@/lib/store";

afterEach(cleanup);

const door: Door = {
	code: "qjm-wx4t-9kd",
	title: "Design review",
	host_name: "Maya Köhler",
	state: "live",
	admission: "link",
	refusal: null,
	passcode_needed: false,
	starts_at: null,
	duration_minutes: null,
	zone: null,
	started_at: null,
	inside: { count: 5, names: ["Maya Köhler", "陈曦", "Omar Aziz", "Sara", "Jo"] },
	policy: {
		version: 1,
		chat_kept_days: 90,
		recording: "off",
		attendance: "kept",
		guest_key_days: 30,
		seen_by: "people in this meeting",
	},
	you: { kind: "nobody", name: null, role: "attendee", knocks: false },
	media_elsewhere: null,
};

const devicesWith = (getUserMedia: () => void) =>
	({ getUserMedia, enumerateDevices: async () => [], addEventListener: () => {} }) as unknown as MediaDevices;

let changeDoor: (part: Partial<Door>) => void;

function Form(props: Omit<Parameters<typeof JoinForm>[0], "name" | "onName">) {
	const [name, setName] = useState(props.door.you.name ?? "");
	const [changed, setChanged] = useState<Partial<Door>>({});
	changeDoor = setChanged;
	return <JoinForm {...props} door={{ ...props.door, ...changed }} name={name} onName={setName} />;
}

function setUp(part: Partial<Door> = {}, answer: Session["join"] = async () => {}) {
	const join = vi.fn(answer);
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
	const preview = createPreview(devicesWith(getUserMedia));
	const call = createCall({
		openMedia: () => Promise.reject(new Error("none")),
		permit: () => Promise.reject(new Error("none")),
	});
	show(<Form door={{ ...door, ...part }} session={session} call={call} preview={preview} />);
	return { join, getUserMedia };
}

test("a guest gives a name and is in by one press, with everything off", async () => {
	const { join, getUserMedia } = setUp();
	await userEvent.type(screen.getByRole("textbox", { name: "Your name" }), "Ben{Enter}");
	expect(join).toHaveBeenCalledWith("Ben", [], { policy: 1 });
	expect(getUserMedia).not.toHaveBeenCalled();
});

test("the card says what is kept", () => {
	setUp();
	expect(screen.getByText("Kept 90 days, seen by people in this meeting")).toBeTruthy();
	expect(screen.getByText(/goes 30 days after the meeting, or at once/)).toBeTruthy();
});

test("the card names the server that sound and picture go by, if it is another", () => {
	setUp();
	expect(screen.queryByText(/media server/)).toBeNull();
	cleanup();
	setUp({ media_elsewhere: "media.example" });
	// Once on the card of a wide page, once on that of a narrow one.
	expect(screen.getAllByText(/go by the media server media\.example/).length).toBe(2);
});

test("who must knock asks", () => {
	setUp({ you: { ...door.you, knocks: true } });
	expect(screen.getByRole("button", { name: "Ask to join" })).toBeTruthy();
	expect(screen.getByText("The host lets you in. Everything stays off.")).toBeTruthy();
});

test("an account joins under its nickname", async () => {
	const { join } = setUp({ you: { ...door.you, kind: "account", name: "Lin Wei" } });
	await userEvent.click(screen.getByRole("button", { name: "Join with everything off" }));
	expect(join).toHaveBeenCalledWith(null, [], { policy: 1 });
});

test("names are told to those who may walk in, a number to those who knock", () => {
	show(<WhoIsInside door={door} />);
	expect(screen.getByText("Maya Köhler, 陈曦, Omar Aziz and 2 more are inside")).toBeTruthy();
	cleanup();
	show(<WhoIsInside door={{ ...door, inside: { count: 3, names: null } }} />);
	expect(screen.getByText("3 people are inside")).toBeTruthy();
});

test("a wrong passcode is said at its field, which has the focus", async () => {
	const { join } = setUp(
		{ passcode_needed: true, you: { ...door.you, kind: "account", name: "Lin Wei" } },
		() => Promise.reject({ code: "wrong_passcode", status: 403 }),
	);
	await userEvent.type(screen.getByRole("textbox", { name: "Passcode" }), "guess{Enter}");
	expect(join).toHaveBeenCalledWith(null, [], { passcode: "guess", policy: 1 });
	await screen.findByText(/That is not the passcode/);
	const field = screen.getByRole("textbox", { name: "Passcode" });
	expect(document.activeElement).toBe(field);
	expect(field.getAttribute("aria-invalid")).toBe("true");
});

test("where something else is kept than the card said it says what, and the next press is for that", async () => {
	const join = vi.fn(async () => {});
	join.mockRejectedValueOnce({ code: "policy_changed", status: 403 });
	setUp({ you: { ...door.you, kind: "account", name: "Lin Wei" } }, join);
	await userEvent.click(screen.getByRole("button", { name: "Join with everything off" }));
	act(() => changeDoor({ policy: { ...door.policy, version: 2, attendance: "not_kept" } }));
	await screen.findByText(
		"Attendance: Not kept. Before: Who came, and when. Seen by people in this meeting.",
	);
	expect(screen.queryByText(/^Chat: /)).toBeNull();
	await userEvent.click(screen.getByRole("button", { name: "Join with everything off" }));
	expect(join).toHaveBeenLastCalledWith(null, [], { policy: 2 });
});

test("who tried too often is told how long to wait, and cannot try before", async () => {
	setUp({ you: { ...door.you, kind: "account", name: "Lin Wei" } }, () =>
		Promise.reject({ code: "too_many_attempts", status: 429, params: { retry_after_seconds: 90 } }),
	);
	await userEvent.click(screen.getByRole("button", { name: "Join with everything off" }));
	await screen.findByText(/Try again in 1:/);
	expect(screen.getByRole("button", { name: "Join with everything off" }).hasAttribute("disabled")).toBe(
		true,
	);
});

test("a meeting that comes says when, and that it has not begun", () => {
	const starts_at = new Date(Date.now() + 10.5 * 60_000).toISOString();
	show(<Planned door={{ ...door, state: "idle", starts_at, duration_minutes: 45, zone: "Asia/Shanghai" }} />);
	expect(screen.getByText("Not begun yet: in 10 minutes")).toBeTruthy();
});

test("a device that is chosen while it is off stays off, and is the one that is turned on", async () => {
	const stream = { getTracks: () => [] };
	const getUserMedia = vi.fn(async () => stream);
	const preview = createPreview(devicesWith(getUserMedia));
	await preview.choose("camera", "front");
	expect(getUserMedia).not.toHaveBeenCalled();
	await preview.toggle("camera");
	expect(getUserMedia).toHaveBeenCalledWith({ video: { deviceId: { exact: "front" } } });
});
