import type { Talk } from "@/call/check-types";

/** What became of packets: when each was sent, and when it was heard again, by its number. */
export function echoOf(
	sent: readonly number[],
	heard: ReadonlyMap<number, number>,
	wasSteady: boolean,
): Talk | null {
	const trips = sent.flatMap((at, number) => {
		const back = heard.get(number);
		return back === undefined ? [] : [back - at];
	});
	const middle = [...trips].sort((one, other) => one - other)[Math.floor(trips.length / 2)];
	if (middle === undefined) return null;
	const steps = trips.slice(1).map((trip, at) => Math.abs(trip - (trips[at] ?? trip)));
	const jitterMs = steps.reduce((sum, step) => sum + step, 0) / Math.max(1, steps.length);
	return { loss: 1 - trips.length / sent.length, tripMs: middle, jitterMs, wasSteady };
}
