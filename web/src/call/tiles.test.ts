import { describe, expect, test } from "vitest";
import { gridFor, stageOf, type TilePerson, tilesOf } from "@/call/tiles";
import type { Peer, Picture } from "@/call/types";

const person = (identity: string, more: Partial<TilePerson> = {}): TilePerson => ({
	identity,
	participant_id: `par_${identity}`,
	name: identity,
	role: "attendee",
	is_you: false,
	...more,
});
const peer = (identity: string, more: Partial<Peer> = {}): Peer => ({
	identity,
	name: null,
	isYou: false,
	isSpeaking: false,
	isHeard: false,
	camera: null,
	screen: null,
	quality: "good",
	...more,
});
const names = (tiles: readonly { identity: string }[]) => tiles.map(({ identity }) => identity);
const picture: Picture = { id: "s", attach: () => {}, detach: () => {} };

describe("tiles", () => {
	test("keep their places when somebody speaks or the list comes in another order", () => {
		const first = tilesOf([person("a"), person("b"), person("you", { is_you: true })], [], []);
		const second = tilesOf(
			[person("you", { is_you: true }), person("b"), person("a")],
			[peer("b", { isSpeaking: true })],
			first.seen,
		);
		expect(names(second.tiles)).toEqual(names(first.tiles));
		expect(second.tiles[1]?.isSpeaking).toBe(true);
	});

	test("one's own is the last", () => {
		const { tiles } = tilesOf([person("you", { is_you: true }), person("a")], [], []);
		expect(names(tiles)).toEqual(["a", "you"]);
	});

	test("who left and came back stands where they stood", () => {
		const { seen } = tilesOf([person("a"), person("b")], [], []);
		const without = tilesOf([person("b"), person("c")], [], seen);
		expect(names(without.tiles)).toEqual(["b", "c"]);
		expect(names(tilesOf([person("c"), person("a"), person("b")], [], without.seen).tiles)).toEqual([
			"a",
			"b",
			"c",
		]);
	});

	test("one who is only heard, before the list knows them, has a tile with the name the media tells", () => {
		const { tiles } = tilesOf([], [peer("a", { name: "Maya" })], []);
		expect(tiles[0]).toMatchObject({ name: "Maya", participantId: null });
	});
});

describe("the grid", () => {
	test("makes each tile as large as can be", () => {
		expect(gridFor(1, 1400, 740)).toEqual({ columns: 1, rows: 1 });
		expect(gridFor(2, 1400, 740)).toEqual({ columns: 2, rows: 1 });
		expect(gridFor(4, 1400, 740)).toEqual({ columns: 2, rows: 2 });
		expect(gridFor(9, 1400, 740)).toEqual({ columns: 3, rows: 3 });
	});

	test("goes down on a phone", () => {
		expect(gridFor(2, 366, 620).columns).toBe(1);
		expect(gridFor(9, 366, 620).columns).toBe(2);
	});

	test("is ready before it knows its size", () => {
		expect(gridFor(5, 0, 0)).toEqual({ columns: 1, rows: 1 });
	});
});

test("the stage is another's screen before one's own", () => {
	const own = peer("you", { isYou: true, screen: picture });
	const other = peer("a", { screen: picture });
	expect(stageOf([own])?.identity).toBe("you");
	expect(stageOf([own, other])?.identity).toBe("a");
	expect(stageOf([peer("a")])).toBeNull();
});
