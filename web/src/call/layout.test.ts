import { describe, expect, test } from "vitest";
import { type Arrangement, arrange, type Wish } from "@/call/layout";
import { type Area, capacityOf, gridOf, type Rect } from "@/call/places";
import type { Tile } from "@/call/tiles";
import type { Picture } from "@/call/types";

const picture: Picture = { id: "p", attach: () => {}, detach: () => {} };
const tile = (identity: string, more: Partial<Tile> = {}): Tile => ({
	identity,
	participantId: `par_${identity}`,
	name: identity,
	isYou: identity === "you",
	isHost: false,
	isHeard: false,
	hand: null,
	spotlight: null,
	camera: null,
	screen: null,
	cameraWaits: false,
	screenWaits: false,
	quality: "good",
	...more,
});
const people = (count: number) => [
	...Array.from({ length: count - 1 }, (_, at) => tile(`p${at + 1}`)),
	tile("you"),
];
const usual: Wish = { mode: "auto", pins: [], page: 0, self: "grid", screen: "first" };
const desk: Area = { width: 1400, height: 750 };
const phone: Area = { width: 366, height: 620 };
const keys = ({ placed }: Arrangement) => placed.map(({ key }) => key);
const large = ({ placed }: Arrangement) => placed.filter(({ isLarge }) => isLarge).map(({ key }) => key);

function overlaps(one: Rect, other: Rect) {
	const slack = 0.5;
	return (
		one.x + one.width > other.x + slack &&
		other.x + other.width > one.x + slack &&
		one.y + one.height > other.y + slack &&
		other.y + other.height > one.y + slack
	);
}

describe("places", () => {
	test.each([1, 2, 3, 4, 5, 9, 16, 25, 49])(
		"of %i are inside and apart, at a desk and on a phone",
		(count) => {
			for (const area of [desk, phone, { width: 820, height: 250 }]) {
				const rects = gridOf(Math.min(count, capacityOf(area)), area);
				for (const [at, rect] of rects.entries()) {
					expect(rect.x).toBeGreaterThan(-0.5);
					expect(rect.y).toBeGreaterThan(-0.5);
					expect(rect.x + rect.width).toBeLessThan(area.width + 0.5);
					expect(rect.y + rect.height).toBeLessThan(area.height + 0.5);
					for (const other of rects.slice(at + 1)) expect(overlaps(rect, other)).toBe(false);
				}
			}
		},
	);

	test("49 fit a page at a desk, and a phone has pages", () => {
		expect(capacityOf(desk)).toBe(49);
		expect(capacityOf(phone)).toBeLessThan(16);
	});

	test("before the size is known nothing is negative", () => {
		for (const rect of gridOf(5, { width: 0, height: 0 })) {
			expect(rect.width).toBe(0);
			expect(rect.height).toBe(0);
		}
	});
});

describe("the arrangement", () => {
	test("nobody moves because somebody speaks", () => {
		const tiles = people(9);
		expect(arrange(tiles, "p7", usual, desk)).toEqual(arrange(tiles, "p2", usual, desk));
	});

	test("with two, the other has the place and oneself floats", () => {
		const two = arrange(people(2), null, usual, desk);
		expect(keys(two)).toEqual(["p1"]);
		expect(two.floating?.identity).toBe("you");
		expect(keys(arrange(people(2), null, { ...usual, mode: "grid" }, desk))).toEqual(["p1", "you"]);
		expect(arrange(people(2), null, { ...usual, self: "hidden" }, desk).floating).toBeNull();
	});

	test("pages show everybody once, and oneself on the first", () => {
		const tiles = people(25);
		const first = arrange(tiles, null, usual, phone);
		expect(first.pages).toBeGreaterThan(1);
		expect(keys(first).at(-1)).toBe("you");
		const seen = Array.from({ length: first.pages }, (_, page) =>
			keys(arrange(tiles, null, { ...usual, page }, phone)),
		);
		expect(seen.flat().sort()).toEqual(tiles.map(({ identity }) => identity).sort());
	});

	test("a page that is no more is the last one there is", () => {
		const { page, pages } = arrange(people(25), null, { ...usual, page: 99 }, phone);
		expect(page).toBe(pages - 1);
	});

	test("the speaker is large when that is chosen, and the first person until somebody speaks", () => {
		const wish: Wish = { ...usual, mode: "speaker" };
		expect(large(arrange(people(5), "p3", wish, desk))).toEqual(["p3"]);
		expect(large(arrange(people(5), null, wish, desk))).toEqual(["p1"]);
		expect(large(arrange(people(5), "you", wish, desk))).toEqual(["p1"]);
	});

	test("who is pinned is large, whoever speaks", () => {
		const wish: Wish = { ...usual, mode: "speaker", pins: ["p2", "p4"] };
		const pinned = arrange(people(6), "p3", wish, desk);
		expect(pinned.kind).toBe("pinned");
		expect(large(pinned)).toEqual(["p2", "p4"]);
		expect(keys(pinned)).toHaveLength(6);
	});

	test("whom a host shows is large for all, in the order in which they were lit", () => {
		const lit = people(6).map((each) => {
			const place = { p4: 1, p2: 2 }[each.identity] ?? null;
			return { ...each, spotlight: place };
		});
		const shown = arrange(lit, "p3", usual, desk);
		expect([shown.kind, large(shown)]).toEqual(["spotlight", ["p4", "p2"]]);
		expect(large(arrange(lit, "p3", { ...usual, mode: "speaker" }, desk))).toEqual(["p4", "p2"]);
	});

	test("one's own pins and one's own grid win over the spotlight; a screen is larger than both", () => {
		const lit = people(6).map((each) => ({ ...each, spotlight: each.identity === "p4" ? 1 : null }));
		expect(large(arrange(lit, null, { ...usual, pins: ["p1"] }, desk))).toEqual(["p1"]);
		expect(large(arrange(lit, null, { ...usual, mode: "grid" }, desk))).toEqual([]);
		const shown = arrange([tile("p9", { screen: picture }), ...lit], null, usual, desk);
		expect(large(shown)).toEqual(["screen:p9"]);
		expect(keys(shown)[1]).toBe("p4");
	});

	test("a shared screen takes the stage, another's before one's own", () => {
		const tiles = [tile("p1", { screen: picture }), tile("p2"), tile("you", { screen: picture })];
		const shown = arrange(tiles, null, usual, desk);
		expect(shown.kind).toBe("presenting");
		expect(large(shown)).toEqual(["screen:p1"]);
		expect(large(arrange(tiles, null, { ...usual, screen: "you" }, desk))).toEqual(["screen:you"]);
		expect(large(arrange(tiles, null, { ...usual, screen: null }, desk))).toEqual([
			"screen:p1",
			"screen:you",
		]);
		expect(large(arrange(tiles, null, { ...usual, screen: "who left" }, desk))).toEqual(["screen:p1"]);
	});

	test("beside a screen the speaker is seen from whatever page, and the rest stand still", () => {
		const tiles = [tile("p0", { screen: picture }), ...people(40)];
		const quiet = keys(arrange(tiles, null, usual, phone));
		const spoken = keys(arrange(tiles, "p39", usual, phone));
		expect(quiet).not.toContain("p39");
		expect(spoken).toContain("p39");
		expect(spoken.filter((key, at) => key !== quiet[at])).toEqual(["p39"]);
	});

	test("in a grid everything has one size, screens too", () => {
		const tiles = [tile("p1", { screen: picture }), tile("p2"), tile("p3"), tile("you")];
		const { placed } = arrange(tiles, null, { ...usual, mode: "grid" }, desk);
		expect(placed[0]?.key).toBe("screen:p1");
		expect(new Set(placed.map(({ rect }) => Math.round(rect.width))).size).toBe(1);
	});
});

test("several screens are beside each other at a desk, below each other on a phone that shows more of each so", () => {
	const tiles = people(5).map((each) =>
		each.identity === "p1" || each.identity === "p2" ? { ...each, screen: picture } : each,
	);
	const tops = (area: Area) =>
		arrange(tiles, null, { ...usual, screen: null }, area)
			.placed.filter(({ isLarge }) => isLarge)
			.map(({ rect }) => Math.round(rect.y));
	expect(new Set(tops(desk)).size).toBe(1);
	expect(new Set(tops({ width: 366, height: 470 })).size).toBe(2);
});

test("a phone on its side has three rows of people, also above the row that turns the page", () => {
	expect(capacityOf({ width: 702, height: 286 })).toBe(12);
});
