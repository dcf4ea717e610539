import type { CancellationState, CancellationStatus } from "@/api/types";

const order: readonly CancellationState[] = [
	"requested",
	"waiting",
	"frozen",
	"keys_gone",
	"swept",
	"told",
	"certified",
];

export type StepView = { state: CancellationState; at: string | null; isDone: boolean; isNow: boolean };

/** All steps in their order. One that was passed without a note of its time is done all the same; waiting is shown only where it happens. */
export function stepsOf({ state, steps }: Pick<CancellationStatus, "state" | "steps">): StepView[] {
	const times = new Map(steps.map((step) => [step.state, step.at]));
	const reached = order.indexOf(state);
	return order
		.filter((each) => each !== "waiting" || state === "waiting" || times.has("waiting"))
		.map((each) => {
			const place = order.indexOf(each);
			return {
				state: each,
				at: times.get(each) ?? null,
				isDone: place < reached || (place === reached && state !== "waiting"),
				isNow: place === reached && state !== "certified",
			};
		});
}
