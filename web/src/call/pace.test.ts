import { beforeEach, describe, expect, test } from "vitest";
import { createPace, least, type Pace } from "@/call/pace";

const all = Number.POSITIVE_INFINITY;

describe("how many pictures may move", () => {
	let rate: number | null;
	let counts: number;
	let pace: Pace;
	let due: (() => void)[];
	let ends: (() => void)[];
	const show = (moving: number) => {
		while (ends.length < moving) ends.push(pace.begin());
		for (const end of ends.splice(moving)) end();
	};
	/** Lets the next count begin and be weighed. */
	const pass = async (times = 1) => {
		for (let time = 0; time < times; time += 1) {
			const [run] = due.splice(0, 1);
			run?.();
			await Promise.resolve();
			await Promise.resolve();
		}
	};

	beforeEach(() => {
		[rate, counts, due, ends] = [60, 0, [], []];
		const count = async () => {
			counts += 1;
			return rate;
		};
		const after = (_: number, run: () => void) => {
			due.push(run);
			return () => {};
		};
		pace = createPace(count, { after, random: () => 0 });
	});

	test("is all of them on a page that runs evenly", async () => {
		show(28);
		await pass(10);
		expect(pace.most.get()).toBe(all);
	});

	test("is fewer on a page that stutters, until it runs evenly", async () => {
		show(28);
		rate = 15;
		await pass();
		expect(pace.most.get()).toBe(all);
		await pass();
		expect(pace.most.get()).toBe(16);
		show(16);
		await pass(2);
		expect(pace.most.get()).toBe(9);
		show(9);
		rate = 25;
		await pass(20);
		expect(pace.most.get()).toBe(9);
	});

	test("is never fewer than a few", async () => {
		show(6);
		rate = 5;
		await pass(2);
		show(least);
		await pass(10);
		expect(pace.most.get()).toBe(least);
	});

	test("is more again after a while, and the next try waits longer where one was too much", async () => {
		show(10);
		rate = 15;
		await pass(2);
		show(6);
		rate = 30;
		await pass(4);
		expect(pace.most.get()).toBe(8);
		show(8);
		rate = 15;
		await pass(2);
		show(4);
		rate = 30;
		await pass(7);
		expect(pace.most.get()).toBe(4);
		await pass(1);
		expect(pace.most.get()).toBe(6);
	});

	test("holds nothing back once fewer are here than may move", async () => {
		show(10);
		rate = 15;
		await pass(2);
		show(3);
		rate = 30;
		await pass(5);
		expect(pace.most.get()).toBe(all);
	});

	test("is not judged by a page that nobody sees", async () => {
		show(28);
		rate = null;
		await pass(10);
		expect(pace.most.get()).toBe(all);
	});

	test("is not counted where few move, and begins anew with the next room", async () => {
		show(least);
		expect(due).toHaveLength(0);
		show(28);
		rate = 15;
		await pass(2);
		show(0);
		expect(pace.most.get()).toBe(all);
		const before = counts;
		await pass(3);
		expect(counts).toBe(before);
		show(28);
		await pass();
		expect(counts).toBe(before + 1);
	});
});
