import { expect, test } from "vitest";
import { atMostEvery } from "@/lib/timers";

test("many calls become the first and one at the end", () => {
	const waiting: (() => void)[] = [];
	const pass = () => {
		for (const run of waiting.splice(0)) run();
	};
	let done = 0;
	const ask = atMostEvery(400, () => done++, {
		after: (_, run) => {
			waiting.push(run);
			return () => {};
		},
		random: () => 0,
	});
	ask();
	expect(done).toBe(1);
	for (let n = 0; n < 30; n++) ask();
	expect(done).toBe(1);
	pass();
	expect(done).toBe(2);
	pass();
	expect(done).toBe(2);
	ask();
	expect(done).toBe(3);
});
