import type { Recap } from "@/api/types";

type Span = { from: string; until: string | null };

/** Whole minutes of a span, at least one; a span that goes on ends now. */
export function minutesOf({ from, until }: Span, now: Date): number {
	const end = until ? Date.parse(until) : now.getTime();
	return Math.max(1, Math.round((end - Date.parse(from)) / 60_000));
}

/** How long the meeting went on in all its sittings. */
export function lastedOf(sittings: Recap["sittings"], now: Date): number {
	return sittings.reduce(
		(sum, { started_at, ended_at }) => sum + minutesOf({ from: started_at, until: ended_at }, now),
		0,
	);
}

type Attendee = NonNullable<Recap["people"]["listed"]>[number];

/** The host first, then in the order of arrival; who has no name any more comes last. */
export function inOrder(listed: readonly Attendee[]): Attendee[] {
	const rank = ({ role, name }: Attendee) =>
		name === null ? 3 : role === "host" ? 0 : role === "co_host" ? 1 : 2;
	return [...listed].sort(
		(one, other) => rank(one) - rank(other) || Date.parse(one.came_at) - Date.parse(other.came_at),
	);
}
