import { describe, expect, test } from "vitest";
import type { CallView } from "@/call/call";
import { keepPath } from "@/call/path";
import { createStore } from "@/lib/store";

function setUp() {
	const view = createStore({ connection: "connecting" } as CallView);
	const waiting: { ms: number; run: () => void }[] = [];
	const answers: ((hasMoved: boolean) => void)[] = [];
	let moves = 0;
	keepPath({
		view,
		check: () => new Promise((resolve) => answers.push(resolve)),
		move: () => {
			moves += 1;
		},
		timers: {
			after: (ms, run) => {
				const entry = { ms, run };
				waiting.push(entry);
				return () => void (waiting.includes(entry) && waiting.splice(waiting.indexOf(entry), 1));
			},
			random: () => 1,
		},
	});
	const settle = () => new Promise((done) => setTimeout(done));
	return {
		moves: () => moves,
		waits: () => waiting.map(({ ms }) => ms),
		isAsking: () => answers.length > 0,
		connection: (connection: CallView["connection"]) => view.update((now) => ({ ...now, connection })),
		timePasses: () => waiting.shift()?.run(),
		answer: async (hasMoved: boolean) => {
			answers.shift()?.(hasMoved);
			await settle();
		},
	};
}

describe("the way to the server", () => {
	test("is asked for while the call is connected, and at no other time", async () => {
		const { waits, isAsking, connection, timePasses, answer } = setUp();
		expect(waits()).toEqual([]);
		connection("connected");
		expect(waits()).toEqual([700]);
		timePasses();
		expect(isAsking()).toBe(true);
		await answer(false);
		expect(waits()).toEqual([700]);
		connection("reconnecting");
		expect(waits()).toEqual([]);
	});

	test("takes the media along once, and rests after it", async () => {
		const { moves, waits, connection, timePasses, answer } = setUp();
		connection("connected");
		timePasses();
		await answer(true);
		expect(moves()).toBe(1);
		expect(waits()).toEqual([5000]);
	});

	test("moves nobody who is not connected any more when the answer comes", async () => {
		const { moves, waits, connection, timePasses, answer } = setUp();
		connection("connected");
		timePasses();
		connection("lost");
		await answer(true);
		expect(moves()).toBe(0);
		expect(waits()).toEqual([]);
	});
});
