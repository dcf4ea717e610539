import { createStore, type Store } from "@/lib/store";
import type { Timers } from "@/lib/timers";

/**
 * Whose picture is large. A change is held for a while, so that a cough moves nothing; who was last heard stays.
 */
export type SpeakerHold = {
	held: Pick<Store<string | null>, "get" | "subscribe">;
	/** The identities of the others who speak now, the loudest first. */
	hear: (speaking: readonly string[]) => void;
	/** Whoever is held and not here any more is let go. */
	keepOnly: (here: ReadonlySet<string>) => void;
	end: () => void;
};

export const holdMs = 2000;

export function createSpeakerHold(timers: Timers): SpeakerHold {
	const held = createStore<string | null>(null);
	let speaking: readonly string[] = [];
	let isFresh = false;
	let cancel = () => {};

	function take(identity: string | null) {
		held.set(identity);
		cancel();
		isFresh = identity !== null;
		if (isFresh)
			cancel = timers.after(holdMs, () => {
				isFresh = false;
				consider();
			});
	}

	function consider() {
		const now = held.get();
		const [loudest] = speaking;
		if (isFresh || loudest === undefined || loudest === now) return;
		// Who goes on speaking keeps the place, also while another is louder.
		if (now !== null && speaking.includes(now)) return;
		take(loudest);
	}

	return {
		held,
		hear(next) {
			speaking = next;
			consider();
		},
		keepOnly(here) {
			const now = held.get();
			speaking = speaking.filter((identity) => here.has(identity));
			if (now === null || here.has(now)) return;
			take(null);
			consider();
		},
		end: () => cancel(),
	};
}
