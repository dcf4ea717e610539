import type { Timers } from "@/lib/timers";

/**
 * The way back to a server that does not answer: a light question, again and again, and then the way at once.
 * Sockets are not opened to find out: a browser holds back a page whose sockets fail often.
 */
export type WayBack = {
	/** Goes on as soon as the server answers. A way that was begun before is given up. */
	begin: (go: () => void) => void;
	/** The way led there: the next one begins with the short waits. */
	arrived: () => void;
	cancel: () => void;
};

const firstMs = 300;
const oftenMs = 1000;
const often = 60;
const seldomMs = 5000;
const answerMs = 3000;

/** Any answer but a proxy's regret will do; the address may be closed to the outside. */
export async function serverAnswers(): Promise<boolean> {
	try {
		const { status } = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(answerMs) });
		return status < 500;
	} catch {
		return false;
	}
}

export function createWayBack(answers: () => Promise<boolean>, timers: Timers): WayBack {
	let tries = 0;
	let cancelTimer = () => {};
	let current: object | null = null;

	function cancel() {
		current = null;
		cancelTimer();
	}

	function begin(go: () => void) {
		cancel();
		const mine = {};
		current = mine;
		const wait = tries < often ? Math.min(oftenMs, firstMs * 2 ** tries) : seldomMs;
		tries += 1;
		const ask = async () => {
			const isThere = await answers();
			if (current !== mine) return;
			if (isThere) go();
			else begin(go);
		};
		// Half of the wait is by chance, so that a restarted server is not met by all at once.
		cancelTimer = timers.after(wait / 2 + (wait / 2) * timers.random(), () => void ask());
	}

	return {
		begin,
		arrived() {
			tries = 0;
		},
		cancel,
	};
}

/** Milliseconds until the server answered, the best of three: the first also looks up its name. Null if it did not. */
export async function timeToServer(): Promise<number | null> {
	let best: number | null = null;
	for (let tries = 0; tries < 3; tries += 1) {
		const began = performance.now();
		if (!(await serverAnswers())) return best;
		best = Math.min(best ?? Number.POSITIVE_INFINITY, performance.now() - began);
	}
	return best;
}
