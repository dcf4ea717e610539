import { beforeEach, describe, expect, test } from "vitest";
import { createSpeakerHold, holdMs, type SpeakerHold } from "@/call/speaker";

describe("whose picture is large", () => {
	let hold: SpeakerHold;
	let pass: () => void;
	let waited: number[];
	beforeEach(() => {
		const due = new Set<() => void>();
		waited = [];
		hold = createSpeakerHold({
			after: (milliseconds, run) => {
				waited.push(milliseconds);
				due.add(run);
				return () => void due.delete(run);
			},
			random: () => 0,
		});
		pass = () => {
			for (const run of [...due]) {
				due.delete(run);
				run();
			}
		};
	});

	test("is the first who speaks, at once", () => {
		hold.hear(["maya"]);
		expect(hold.held.get()).toBe("maya");
	});

	test("stays for at least two seconds, whoever speaks then", () => {
		hold.hear(["maya"]);
		hold.hear(["omar"]);
		expect(hold.held.get()).toBe("maya");
		expect(waited).toEqual([holdMs]);
		expect(holdMs).toBeGreaterThanOrEqual(2000);
		pass();
		expect(hold.held.get()).toBe("omar");
	});

	test("does not change for a cough", () => {
		hold.hear(["maya"]);
		hold.hear(["omar"]);
		hold.hear([]);
		pass();
		expect(hold.held.get()).toBe("maya");
	});

	test("does not change while the first goes on, though another is louder", () => {
		hold.hear(["maya"]);
		pass();
		hold.hear(["omar", "maya"]);
		expect(hold.held.get()).toBe("maya");
	});

	test("goes to the next when who was held has left", () => {
		hold.hear(["maya", "omar"]);
		hold.keepOnly(new Set(["omar"]));
		expect(hold.held.get()).toBe("omar");
		hold.keepOnly(new Set());
		expect(hold.held.get()).toBeNull();
	});
});
