import type { CallView } from "@/call/call";
import type { Store } from "@/lib/store";
import type { Timers } from "@/lib/timers";

/**
 * Whether the way to the server is still there. From Wi-Fi to mobile data a browser keeps its old sockets, and what it
 * sends goes nowhere; the media would be missed for a quarter of a minute. So a call asks, and moves.
 */
const askEveryMs = 700;
/** To move costs a second of its own; a line that is only bad is not moved again and again. */
const restMs = 5000;

export type PathPorts = {
	view: Pick<Store<CallView>, "get" | "subscribe">;
	/** Answers whether the line had to be taken anew. */
	check: () => Promise<boolean>;
	/** Takes the media along. */
	move: () => void;
	timers: Timers;
};

/** Looks after the way for as long as the call is connected. */
export function keepPath({ view, check, move, timers }: PathPorts): void {
	let cancel: (() => void) | null = null;

	function ask(after: number) {
		const mine = timers.after(after, async () => {
			const hasMoved = await check();
			if (cancel !== mine) return;
			if (hasMoved) move();
			ask(hasMoved ? restMs : askEveryMs);
		});
		cancel = mine;
	}

	view.subscribe(() => {
		const isConnected = view.get().connection === "connected";
		if (isConnected === (cancel !== null)) return;
		cancel?.();
		cancel = null;
		if (isConnected) ask(askEveryMs);
	});
}
