import type { DataValue } from "@/api/types";

/**
 * What is held, put in a person's order: by what it is about, then by thing, a device or a message.
 *
 * Invariant: every value lands in exactly one group; what is not known yet is shown under "other", never left out.
 */
export const subjects = [
	"profile",
	"security",
	"meetings",
	"messages",
	"answers",
	"record",
	"other",
] as const;
export type DataSubject = (typeof subjects)[number];

/** One row of the server's: what stands together belongs together. */
export type Thing = { id: string; kind: string; values: readonly DataValue[] };
export type DataGroup = { subject: DataSubject; things: readonly Thing[] };

const ofLabel: Record<string, DataSubject> = {
	"account.password": "security",
	"account.credentials_changed_at": "security",
};

const ofKind: Record<string, DataSubject> = {
	account: "profile",
	session: "security",
	recovery_code: "security",
	meeting: "meetings",
	seat: "meetings",
	share: "meetings",
	ban: "meetings",
	membership: "meetings",
	message: "messages",
	permission: "answers",
	consent: "answers",
	erasure: "record",
	day_opening: "record",
	named_opening: "record",
	disclosure: "record",
};

/** Alike and without a name of their own: one thing. */
const asOne = new Set(["recovery_code"]);

const kindOf = (label: string) => label.split(".")[0] ?? label;

export function subjectOf(label: string): DataSubject {
	return ofLabel[label] ?? ofKind[kindOf(label)] ?? "other";
}

export function groupsOf(values: readonly DataValue[]): DataGroup[] {
	return subjects
		.map((subject) => ({
			subject,
			things: thingsOf(values.filter(({ label }) => subjectOf(label) === subject)),
		}))
		.filter(({ things }) => things.length > 0);
}

/** The server tells a row's values one after another, so a label that comes again begins the next row. */
function thingsOf(values: readonly DataValue[]): Thing[] {
	const things: (Thing & { values: DataValue[] })[] = [];
	for (const value of values) {
		const kind = kindOf(value.label);
		const last = things.at(-1);
		const isNext =
			last?.kind !== kind || (!asOne.has(kind) && last.values.some(({ label }) => label === value.label));
		if (last && !isNext) last.values.push(value);
		else things.push({ id: value.id, kind, values: [value] });
	}
	return things;
}
