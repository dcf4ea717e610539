import type { Meeting } from "@/api/types";

/** Where a meeting stands on a list at this moment. */
export type Place = "now" | "next" | "whenever" | "before";

type Placed = Pick<Meeting, "state" | "starts_at" | "duration_minutes" | "started_at" | "has_recap">;

export function endOf({
	starts_at,
	duration_minutes,
}: Pick<Meeting, "starts_at" | "duration_minutes">): number {
	return starts_at ? Date.parse(starts_at) + (duration_minutes ?? 0) * 60_000 : Number.NEGATIVE_INFINITY;
}

export function placeOf(meeting: Placed, now: Date): Place {
	if (meeting.state === "live") return "now";
	if (meeting.state === "ended") return "before";
	if (endOf(meeting) > now.getTime()) return "next";
	// What was planned and is over, or went on and is empty, is past, though its link still opens.
	return meeting.starts_at || meeting.has_recap ? "before" : "whenever";
}

const latest = (one: string | null, other: string | null) => Date.parse(other ?? "") - Date.parse(one ?? "");

/** The meetings of one place: the next first, and of the past the last first. */
export function meetingsAt(place: Place, meetings: readonly Meeting[], now: Date): Meeting[] {
	const found = meetings.filter((meeting) => placeOf(meeting, now) === place);
	const whenOf = ({ started_at, starts_at, created_at }: Meeting) =>
		place === "whenever" ? created_at : (started_at ?? starts_at ?? created_at);
	return place === "next"
		? found.sort((one, other) => latest(other.starts_at, one.starts_at))
		: found.sort((one, other) => latest(whenOf(one), whenOf(other)));
}

/** By a part of the title, or by the code. */
export function isCalled({ title, code }: Pick<Meeting, "title" | "code">, words: string): boolean {
	const wanted = words.trim().toLocaleLowerCase();
	return `${title ?? ""} ${code}`.toLocaleLowerCase().includes(wanted);
}
