import { describe, expect, test } from "vitest";
import { createReactions, packReaction, unpackReaction } from "@/call/reactions";

function setUp() {
	const due: (() => void)[] = [];
	const reactions = createReactions({
		after: (_, run) => {
			due.push(run);
			return () => {};
		},
		random: () => 0,
	});
	const shown = () => reactions.shown.get().map(({ identity, emoji }) => `${identity} ${emoji}`);
	return { reactions, shown, due };
}

describe("reactions", () => {
	test("are shown for a moment and gone", () => {
		const { reactions, shown, due } = setUp();
		reactions.show("maya", "👏");
		expect(shown()).toEqual(["maya 👏"]);
		for (const run of due) run();
		expect(shown()).toEqual([]);
	});

	test("are ours only: a packet may hold anything", () => {
		const { reactions, shown } = setUp();
		expect(reactions.show("maya", "<b>hello</b>")).toBe(false);
		expect(shown()).toEqual([]);
		expect(unpackReaction(new TextEncoder().encode("no json"))).toBeNull();
		expect(unpackReaction(new TextEncoder().encode('{"emoji":3}'))).toBeNull();
		expect(unpackReaction(packReaction("🎉"))).toBe("🎉");
	});

	test("of one person are few at a time", () => {
		const { reactions, shown } = setUp();
		for (let at = 0; at < 9; at += 1) reactions.show("maya", "👍");
		expect(shown()).toHaveLength(3);
		expect(reactions.show("omar", "👍")).toBe(true);
	});
});
