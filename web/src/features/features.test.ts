import { expect, test } from "vitest";
import { greetingAt } from "@/features/home/model";
import { stepsOf } from "@/features/me/cancellation/model";
import { joinActOf } from "@/features/prejoin/model";
import { daysOf } from "@/features/setup/model";

const you = { kind: "nobody", name: null, role: "attendee", knocks: false } as const;
const off = { kind: "off" } as const;
const on = { kind: "on", stream: {} as MediaStream, deviceId: null } as const;

test("joining says what it turns on", () => {
	expect(joinActOf({ you }, { camera: off, microphone: off })).toEqual({ kind: "everything-off" });
	expect(joinActOf({ you }, { camera: on, microphone: on })).toEqual({
		kind: "with",
		devices: ["microphone", "camera"],
	});
	expect(joinActOf({ you: { ...you, knocks: true } }, { camera: on, microphone: off })).toEqual({
		kind: "knock",
	});
});

test("an answer within 1 to 30 days can be promised", () => {
	expect([daysOf("30"), daysOf("1"), daysOf("31"), daysOf("0"), daysOf("2.5"), daysOf("soon")]).toEqual([
		30,
		1,
		null,
		null,
		null,
		null,
	]);
});

test("a cancellation shows what is done, what is going on and what comes", () => {
	const steps = stepsOf({
		state: "keys_gone",
		steps: [
			{ state: "requested", at: "t1" },
			{ state: "keys_gone", at: "t2" },
		],
	});
	expect(steps.map(({ state, isDone }) => `${state} ${isDone}`)).toEqual([
		"requested true",
		"frozen true",
		"keys_gone true",
		"swept false",
		"told false",
		"certified false",
	]);
	expect(steps[0]?.at).toBe("t1");
});

test("the greeting follows the hour", () => {
	const at = (hour: number) => greetingAt(new Date(2026, 10, 24, hour));
	expect([at(8), at(13), at(20), at(2)]).toEqual(["morning", "day", "evening", "evening"]);
});
