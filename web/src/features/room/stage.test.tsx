import { act, cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Seat } from "@/api/types";
import { show } from "@/app/test-app";
import { createCall } from "@/call/call";
import type { Session } from "@/call/session";
import { createTiles } from "@/call/tiles";
import type { MediaPort, Peer } from "@/call/types";
import { createRoomParts, RoomContext, type RoomParts } from "@/features/room/context";
import { SpeakerWords } from "@/features/room/SpeakerWords";
import { Stage } from "@/features/room/Stage";
import { SeatContext } from "@/features/room/seat";
import { useStore } from "@/lib/use-store";

/** How often each person was drawn. */
const drawn = new Map<string, number>();
vi.mock("@/ui/Avatar", () => ({
	Avatar: ({ name }: { name: string }) => {
		drawn.set(name, (drawn.get(name) ?? 0) + 1);
		return null;
	},
}));

let frame = { width: 1440, height: 780 };

beforeEach(() => {
	frame = { width: 1440, height: 780 };
	vi.stubGlobal(
		"ResizeObserver",
		class {
			constructor(private readonly tell: (entries: { contentRect: typeof frame }[]) => void) {}
			observe = () => this.tell([{ contentRect: frame }]);
			disconnect = () => {};
		},
	);
});
afterEach(() => {
	cleanup();
	vi.unstubAllGlobals();
	drawn.clear();
});

const peer = (identity: string): Peer => ({
	identity,
	name: identity,
	isYou: identity === "p0",
	isHeard: true,
	camera: null,
	screen: null,
	cameraWaits: false,
	screenWaits: false,
	quality: "good",
});

/** A room of so many people, and what makes some of them speak. */
async function roomOf(count: number, camera: Peer["camera"] = null) {
	let speaking: readonly string[] = [];
	let told = () => {};
	let changed = () => {};
	const media: Partial<MediaPort> = {
		connect: async () => {},
		state: () => "connected",
		// As the library has it: new objects each time, of the same people.
		peers: () => Array.from({ length: count }, (_, at) => ({ ...peer(`p${at}`), camera })),
		speakers: () => speaking,
		isSoundBlocked: () => false,
		inUse: () => null,
		hasFailed: () => false,
		onReaction: () => {},
		onSpeakers: (listener) => {
			told = listener;
		},
		subscribe: (listener) => {
			changed = listener;
			return () => {};
		},
	};
	const call = createCall({
		openMedia: async () => media as MediaPort,
		permit: () => Promise.reject(new Error("no permits in this test")),
	});
	await call.connect({ url: "", token: "" });
	const parts = createRoomParts("qjm-wx4t-9kd", call, {} as Session);
	show(<Live parts={parts} />);
	const speak = (...identities: string[]) =>
		act(() => {
			speaking = identities;
			told();
		});
	return { speak, look: () => act(() => changed()), parts };
}

function Live({ parts }: { parts: RoomParts }) {
	const { peers } = useStore(parts.call.view);
	const [tilesOf] = useState(createTiles);
	const tiles = tilesOf([], peers);
	return (
		<RoomContext value={parts}>
			<SeatContext value={{ role: "attendee", participant_id: "par_you" } as Seat}>
				<Stage tiles={tiles} />
				<SpeakerWords tiles={tiles} />
			</SeatContext>
		</RoomContext>
	);
}

const drawnSince = (before: ReadonlyMap<string, number>) =>
	[...drawn].filter(([name, times]) => times !== before.get(name)).map(([name]) => name);

describe("a full room", () => {
	test.each([25, 49])("of %i draws only who begins or ends to speak", async (count) => {
		const { speak, look } = await roomOf(count);
		expect(drawn.size).toBe(count);
		let before = new Map(drawn);
		speak("p3");
		expect(drawnSince(before)).toEqual(["p3"]);
		before = new Map(drawn);
		speak("p7", "p9");
		expect(drawnSince(before).sort()).toEqual(["p3", "p7", "p9"]);
		before = new Map(drawn);
		look();
		expect(drawnSince(before)).toEqual([]);
	});
});

test("who speaks is said in words to a screen reader, in a place that tells politely", async () => {
	const { speak } = await roomOf(4);
	const words = screen.getAllByRole("status").find((each) => each.hasAttribute("data-speaker-words"));
	expect(words?.textContent).toBe("");
	speak("p2");
	expect(words?.textContent).toBe("p2 is speaking");
	expect(screen.getAllByText("speaking")).toHaveLength(1);
});

test("where sound comes first, nobody's picture moves but one's own, and each tile says why", async () => {
	const { parts } = await roomOf(6, { id: "picture", attach: () => {}, detach: () => {} });
	const pictures = () => document.querySelectorAll("video").length;
	expect(pictures()).toBe(6);
	act(() => parts.isSoundFirst.set(true));
	expect(pictures()).toBe(1);
	expect(screen.getAllByRole("img", { name: "Picture paused, you chose sound first" })).toHaveLength(5);
	act(() => parts.isSoundFirst.set(false));
	expect(pictures()).toBe(6);
});

test("the pages are turned by buttons that keep the focus, also at the last one", async () => {
	frame = { width: 400, height: 300 };
	await roomOf(7);
	const next = screen.getByRole("button", { name: "Next page of people" });
	next.focus();
	for (const page of ["1 of 2", "2 of 2", "2 of 2"]) {
		expect(screen.getByText(page)).toBeTruthy();
		await userEvent.keyboard("{Enter}");
	}
	expect(document.activeElement).toBe(next);
	expect(next.getAttribute("aria-disabled")).toBe("true");
});
