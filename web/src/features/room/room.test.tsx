import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test } from "vitest";
import type { Seat, SeatRole } from "@/api/types";
import { show } from "@/app/test-app";
import { type Call, createCall } from "@/call/call";
import type { Session } from "@/call/session";
import { createTiles } from "@/call/tiles";
import { AskCard } from "@/features/room/AskCard";
import { createRoomParts, RoomContext } from "@/features/room/context";
import { newsOf, type Told } from "@/features/room/news";
import { PeoplePanel } from "@/features/room/PeoplePanel";
import { SeatContext } from "@/features/room/seat";
import { useStore } from "@/lib/use-store";
import { createWorld, usual } from "../../../mock-api/world.ts";

afterEach(cleanup);

function LiveCard({ call }: { call: Call }) {
	return <AskCard call={call} view={useStore(call.view)} />;
}

describe("the question at the first press", () => {
	const noMedia = () => Promise.reject(new Error("no media in this test"));
	function setUp() {
		const permitted: string[] = [];
		const call = createCall({
			openMedia: noMedia,
			permit: async (source, on) => {
				permitted.push(`${source} ${on}`);
				return { camera: false, microphone: false, screen: false, [source]: on };
			},
		});
		show(<LiveCard call={call} />);
		return { call, permitted };
	}

	test("has one sentence of why, takes the focus, and a no costs nothing", async () => {
		const { call, permitted } = setUp();
		expect(screen.queryByRole("alertdialog")).toBeNull();
		call.press("camera");
		const question = await screen.findByRole("alertdialog", { name: "Turn on your camera?" });
		expect(document.activeElement).toBe(question);
		expect(question.textContent).toContain("So that people in this meeting see you.");
		await userEvent.click(screen.getByRole("button", { name: "Not now" }));
		expect(screen.queryByRole("alertdialog")).toBeNull();
		expect(permitted).toEqual([]);
	});

	test("a yes is written first", async () => {
		const { call, permitted } = setUp();
		call.press("microphone");
		await userEvent.click(await screen.findByRole("button", { name: "Turn on microphone" }));
		expect(permitted[0]).toBe("microphone true");
	});
});

function showPeople(role: SeatRole) {
	const call = createCall({
		openMedia: () => Promise.reject(new Error("no media in this test")),
		permit: () => Promise.reject(new Error("no permits in this test")),
	});
	const world = createWorld({ ...usual });
	const parts = createRoomParts("qjm-wx4t-9kd", call, {} as Session);
	const seat = { role, participant_id: "par_you" } as Seat;
	return show(
		<RoomContext value={parts}>
			<SeatContext value={seat}>
				<PeoplePanel people={world.people} tiles={createTiles()(world.people, [])} />
			</SeatContext>
		</RoomContext>,
	);
}
const people = "/api/meetings/qjm-wx4t-9kd/people";

describe("the people panel", () => {
	test("lets in whoever knocks, and all at once", async () => {
		const { asked } = showPeople("host");
		expect(screen.getByRole("heading", { name: "2 at the door" })).toBeTruthy();
		await userEvent.click(screen.getByRole("button", { name: "Let in Ben" }));
		await userEvent.click(screen.getByRole("button", { name: "Let all in" }));
		expect(asked).toContain(`POST ${people}/par_ben/admit`);
		expect(asked).toContain("POST /api/meetings/qjm-wx4t-9kd/admit-all");
	});

	test("shows nobody's door and no controls to who does not host", () => {
		showPeople("attendee");
		expect(screen.queryByRole("button", { name: /Let in/ })).toBeNull();
		expect(screen.queryByRole("button", { name: /[Hh]ost controls/ })).toBeNull();
		expect(screen.queryByText("Free coins")).toBeNull();
	});

	test("has raised hands in their order, for a co-host to lower", async () => {
		const { asked } = showPeople("co_host");
		const hands = within(screen.getByRole("region", { name: "Raised hands" }));
		expect(hands.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
			"1陈曦Lower",
			"2Omar AzizLower",
		]);
		await userEvent.click(hands.getByRole("button", { name: "Lower the hand of 陈曦" }));
		expect(asked).toContain(`POST ${people}/par_chen/lower-hand`);
	});

	test("finds people by their name", async () => {
		showPeople("host");
		await userEvent.type(screen.getByRole("searchbox"), "oma");
		const inside = within(screen.getByRole("list", { name: "People inside" }));
		expect(inside.getAllByRole("listitem")).toHaveLength(1);
	});

	test("a host holds a microphone, and allows it again", async () => {
		const { asked } = showPeople("host");
		await userEvent.click(screen.getByRole("button", { name: "陈曦: host controls" }));
		await userEvent.click(await screen.findByRole("menuitem", { name: "Mute and keep muted" }));
		expect(asked).toContain(`POST ${people}/par_chen/stop`);
		await userEvent.click(screen.getByRole("button", { name: "Omar Aziz: host controls" }));
		await userEvent.click(await screen.findByRole("menuitem", { name: "Allow microphone again" }));
		expect(asked).toContain(`POST ${people}/par_omar/allow`);
	});

	test("a co-host gives roles, but makes no co-hosts and hands nothing over", async () => {
		showPeople("co_host");
		await userEvent.click(screen.getByRole("button", { name: "陈曦: host controls" }));
		await userEvent.click(await screen.findByRole("menuitem", { name: "Role" }));
		expect(await screen.findByRole("menuitem", { name: /^Viewer/ })).toBeTruthy();
		expect(screen.queryByRole("menuitem", { name: /^Co-host/ })).toBeNull();
		expect(screen.queryByRole("menuitem", { name: "Hand the meeting over" })).toBeNull();
	});

	test("whoever was banned can be allowed to knock again", async () => {
		const { asked } = showPeople("host");
		await userEvent.click(screen.getByRole("button", { name: "Allow again: Free coins" }));
		expect(asked).toContain(`POST ${people}/par_spam/unban`);
	});
});

describe("what is told by itself", () => {
	const before: Told = {
		title: "A",
		isLocked: false,
		host: { identity: "maya", name: "Maya" },
		role: "attendee",
	};
	test("is what others changed, and nothing else", () => {
		expect(newsOf(before, { ...before })).toEqual([]);
		expect(newsOf(before, { ...before, title: "B", isLocked: true })).toEqual([
			{ kind: "title", title: "B" },
			{ kind: "locked" },
		]);
		expect(newsOf(before, { ...before, host: { identity: "chen", name: "Chen" } })).toEqual([
			{ kind: "host", name: "Chen" },
		]);
	});

	test("to become the host is told once", () => {
		const after: Told = { ...before, role: "host", host: { identity: "you", name: "You" } };
		expect(newsOf(before, after)).toEqual([{ kind: "role", role: "host" }]);
	});
});
