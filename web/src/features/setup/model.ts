import type { Language } from "@/api/types";

export type Step = "instance" | "officer" | "account";
export const steps: readonly Step[] = ["instance", "officer", "account"];

export type Draft = {
	instanceName: string;
	language: Language;
	officerName: string;
	officerContact: string;
	answersWithinDays: string;
	identifier: string;
	nickname: string;
	password: string;
};

/** The agreement promises an answer within 30 days; a shorter promise can be set, a longer one cannot. */
export const longestAnswerDays = 30;

export function emptyDraft(language: Language): Draft {
	return {
		instanceName: "",
		language,
		officerName: "",
		officerContact: "",
		answersWithinDays: String(longestAnswerDays),
		identifier: "",
		nickname: "",
		password: "",
	};
}

export function daysOf(text: string): number | null {
	const days = Number(text);
	return Number.isInteger(days) && days >= 1 && days <= longestAnswerDays ? days : null;
}
