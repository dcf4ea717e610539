import { describe, expect, test } from "vitest";
import { createMoving } from "@/call/moving";

const shown = (...identities: string[]) => identities.map((identity) => ({ identity, isLarge: false }));

describe("whose pictures move", () => {
	test("is everybody's while all can, in one and the same set", () => {
		const moving = createMoving();
		const people = shown("maya", "omar", "ines");
		const all = moving.pick(people, Number.POSITIVE_INFINITY);
		expect([...all]).toEqual(["maya", "omar", "ines"]);
		expect(moving.pick(people, 3)).toBe(all);
	});

	test("is theirs who spoke last, and then theirs who moved before", () => {
		const moving = createMoving();
		const people = shown("maya", "omar", "ines", "wei");
		expect([...moving.pick(people, 2)]).toEqual(["maya", "omar"]);
		moving.hear("wei");
		expect([...moving.pick(people, 2)]).toEqual(["wei", "maya"]);
		moving.hear("ines");
		expect([...moving.pick(people, 2)]).toEqual(["ines", "wei"]);
		// Somebody comes in first on the page: nobody gives up the place for that.
		expect([...moving.pick(shown("new", "maya", "omar", "ines", "wei"), 2)]).toEqual(["ines", "wei"]);
	});

	test("is always theirs who are large", () => {
		const moving = createMoving();
		moving.hear("wei");
		const people = [...shown("maya", "wei"), { identity: "omar", isLarge: true }];
		expect([...moving.pick(people, 1)]).toEqual(["omar"]);
	});

	test("is nobody's where none may move", () => {
		expect(createMoving().pick(shown("maya", "omar"), 0).size).toBe(0);
	});
});
