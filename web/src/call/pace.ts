import { createStore, type Store } from "@/lib/store";
import type { Timers } from "@/lib/timers";

/**
 * How many faces may move at once on this device.
 *
 * Decoding and drawing thirty pictures is more than a small laptop does without stutter, and what stutters then is
 * everything: the pointer, the chat, the sound. So the page counts its frames for a second now and then, and lets
 * pictures rest until it runs evenly again.
 */
export type Pace = {
	/** The most faces of others that may move; `Infinity` while nothing holds them back. */
	most: Pick<Store<number>, "get" | "subscribe">;
	/** One more moves, until what this gives back is called. With none left there is nothing to watch. */
	begin: () => () => void;
};

/** Frames a second, counted for a while; null if the page could not be seen meanwhile. */
export type CountFrames = () => Promise<number | null>;

/** So few pictures are not what holds a device up. */
export const least = 4;
/** Frames a second below which a page stutters, and from which it runs evenly. */
const uneven = 22;
const even = 27;
/** Milliseconds between two counts; shorter while it stutters. */
export const restMs = 3000;
export const soonMs = 500;
/** Even counts before more may move. Each time that was too many, it takes twice as long, up to the last. */
const patience = { first: 4, last: 60 };

export function createPace(count: CountFrames, timers: Timers): Pace {
	const most = createStore(Number.POSITIVE_INFINITY);
	let moving = 0;
	let unevenCounts = 0;
	let evenCounts = 0;
	let wait = patience.first;
	let isTrying = false;
	let isWatching = false;

	const isHeldBack = () => most.get() !== Number.POSITIVE_INFINITY;
	const isWorthIt = () => moving > least || isHeldBack();

	function watch(milliseconds: number) {
		isWatching = isWorthIt();
		if (isWatching) timers.after(milliseconds, () => void look());
	}

	async function look() {
		const rate = isWorthIt() ? await count() : null;
		if (rate !== null) consider(rate);
		watch(unevenCounts > 0 ? soonMs : restMs);
	}

	function consider(rate: number) {
		unevenCounts = rate < uneven ? unevenCounts + 1 : 0;
		evenCounts = rate >= even ? evenCounts + 1 : 0;
		// One bad second is a page that was opened, or another program that began.
		if (unevenCounts > 1 && moving > least) hold();
		else if (evenCounts >= wait && isHeldBack()) tryMore();
		else if (evenCounts > 2) isTrying = false;
	}

	function hold() {
		if (isTrying) wait = Math.min(patience.last, wait * 2);
		isTrying = false;
		unevenCounts = 0;
		most.set(Math.max(least, Math.floor(moving * 0.6)));
	}

	function tryMore() {
		evenCounts = 0;
		isTrying = true;
		// Fewer are here than may move: nothing holds them back any more.
		most.set(moving < most.get() ? Number.POSITIVE_INFINITY : Math.ceil(most.get() * 1.3));
	}

	return {
		most,
		begin() {
			moving += 1;
			if (!isWatching) watch(restMs);
			return () => {
				moving -= 1;
				if (moving > 0) return;
				most.set(Number.POSITIVE_INFINITY);
				[unevenCounts, evenCounts, wait, isTrying] = [0, 0, patience.first, false];
			};
		},
	};
}

/** Counts the page's own frames for a second. A page that asks for none costs none, so this is not done all the time. */
export const countFrames: CountFrames = () =>
	new Promise((done) => {
		if (document.hidden) return done(null);
		let frames = 0;
		let begin = 0;
		const frame = (now: number) => {
			begin ||= now;
			const passed = now - begin;
			// Frames stop where nobody looks, and come all at once when somebody does.
			if (document.hidden || passed > 3000) return done(null);
			if (passed >= 1000) return done((frames * 1000) / passed);
			frames += 1;
			requestAnimationFrame(frame);
		};
		requestAnimationFrame(frame);
		return undefined;
	});
