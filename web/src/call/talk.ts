import type { Call } from "@/call/call";

/**
 * Push to talk: the microphone is on for as long as a key is held.
 *
 * Invariant: what a hold switched on, its end switches off, also when the device came on after the key went up;
 * what was on before is left alone.
 */
export type Talk = { hold: () => boolean; release: () => void };

export function createTalk(call: Pick<Call, "view" | "press">): Talk {
	let isHeld = false;
	let isOurs = false;
	const microphone = () => call.view.get().devices.microphone.kind;

	function settle() {
		const kind = microphone();
		if (!isOurs || isHeld || kind === "starting") return;
		isOurs = false;
		if (kind === "on") call.press("microphone");
	}
	call.view.subscribe(settle);

	return {
		/** Whether the hold did something; where the microphone was on already it does not. */
		hold() {
			if (isHeld || microphone() === "on") return false;
			isHeld = true;
			call.press("microphone");
			// The first press asks; the answer is for the card to give, and no key holds it.
			isOurs = microphone() === "starting";
			return isOurs;
		},
		release() {
			isHeld = false;
			settle();
		},
	};
}
