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
