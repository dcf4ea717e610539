import { beforeEach, describe, expect, test } from "vitest";
import type { CallView, Device } from "@/call/call";
import { createTalk, type Talk } from "@/call/talk";
import { createStore, type Store } from "@/lib/store";

describe("push to talk", () => {
	let view: Store<CallView>;
	let talk: Talk;
	let presses: number;
	const set = (kind: Device["kind"]) =>
		view.set({ devices: { microphone: { kind } } } as unknown as CallView);
	const kind = () => view.get().devices.microphone.kind;
	let firstPress: Device["kind"];
	beforeEach(() => {
		presses = 0;
		firstPress = "starting";
		view = createStore<CallView>({ devices: { microphone: { kind: "off" } } } as unknown as CallView);
		talk = createTalk({
			view,
			press: () => {
				presses += 1;
				set(kind() === "on" ? "off" : firstPress);
			},
		});
	});

	test("is on while held, and off after", () => {
		expect(talk.hold()).toBe(true);
		set("on");
		expect(kind()).toBe("on");
		talk.release();
		expect(kind()).toBe("off");
	});

	test("a key that repeats presses once", () => {
		talk.hold();
		talk.hold();
		expect(presses).toBe(1);
	});

	test("what comes on after the key went up goes off at once", () => {
		talk.hold();
		talk.release();
		expect(presses).toBe(1);
		set("on");
		expect(kind()).toBe("off");
	});

	test("leaves alone what was on before", () => {
		set("on");
		expect(talk.hold()).toBe(false);
		talk.release();
		expect(kind()).toBe("on");
	});

	test("the first press asks, and the answer stays when the key goes up", () => {
		firstPress = "asking";
		expect(talk.hold()).toBe(false);
		talk.release();
		set("on");
		expect(kind()).toBe("on");
	});
});
