import { describe, expect, test } from "vitest";
import { createTiles, type TilePerson } from "@/call/tiles";
import type { Peer, Picture } from "@/call/types";

const person = (identity: string, more: Partial<TilePerson> = {}): TilePerson => ({
	identity,
	participant_id: `par_${identity}`,
	name: identity,
	role: "attendee",
	is_you: false,
	hand: null,
	spotlight: null,
	...more,
});
const peer = (identity: string, more: Partial<Peer> = {}): Peer => ({
	identity,
	name: null,
	isYou: false,
	isHeard: false,
	camera: null,
	screen: null,
	cameraWaits: false,
	screenWaits: false,
	quality: "good",
	...more,
});
const names = (tiles: readonly { identity: string }[]) => tiles.map(({ identity }) => identity);
const picture: Picture = { id: "s", attach: () => {}, detach: () => {} };

describe("tiles", () => {
	test("keep their places when the list comes in another order, and are the same objects", () => {
		const tiles = createTiles();
		const first = tiles([person("a"), person("b"), person("you", { is_you: true })], []);
		const second = tiles([person("you", { is_you: true }), person("b"), person("a")], []);
		expect(names(second)).toEqual(["a", "b", "you"]);
		expect(second).toBe(first);
	});

	test("only the one that changed is another object", () => {
		const tiles = createTiles();
		const people = [person("a"), person("b")];
		const [a, b] = tiles(people, [peer("a"), peer("b")]);
		const next = tiles(people, [peer("a"), peer("b", { isHeard: true })]);
		expect(next[0]).toBe(a);
		expect(next[1]).not.toBe(b);
		expect(next[1]?.isHeard).toBe(true);
	});

	test("who left and came back stands where they stood", () => {
		const tiles = createTiles();
		tiles([person("a"), person("b")], []);
		expect(names(tiles([person("b"), person("c")], []))).toEqual(["b", "c"]);
		expect(names(tiles([person("c"), person("a"), person("b")], []))).toEqual(["a", "b", "c"]);
	});

	test("one moves by switching the camera: behind those with a picture, before those without", () => {
		const tiles = createTiles();
		const people = ["a", "b", "c", "d"].map((each) => person(each));
		tiles(people, [peer("a", { camera: picture })]);
		expect(names(tiles(people, [peer("a", { camera: picture }), peer("d", { camera: picture })]))).toEqual([
			"a",
			"d",
			"b",
			"c",
		]);
		expect(names(tiles(people, [peer("d", { camera: picture })]))).toEqual(["d", "a", "b", "c"]);
	});

	test("one who is only heard, before the list knows them, has a tile with the name the media tells", () => {
		const [tile] = createTiles()([], [peer("a", { name: "Maya" })]);
		expect(tile).toMatchObject({ name: "Maya", participantId: null });
	});
});
