/** Waiting and chance as a thing that tests can hold in their hands. */
export type Timers = {
	after: (milliseconds: number, run: () => void) => () => void;
	random: () => number;
};

export const browserTimers: Timers = {
	after: (milliseconds, run) => {
		const id = setTimeout(run, milliseconds);
		return () => clearTimeout(id);
	},
	random: Math.random,
};

/** Does `work` at the first call, and once more for all calls that come within `milliseconds` of the last time. */
export function atMostEvery(
	milliseconds: number,
	work: () => void,
	timers: Timers = browserTimers,
): () => void {
	let isResting = false;
	let isAsked = false;
	function go() {
		isAsked = false;
		isResting = true;
		work();
		timers.after(milliseconds, () => {
			isResting = false;
			if (isAsked) go();
		});
	}
	return () => {
		isAsked = true;
		if (!isResting) go();
	};
}
