import type { PasswordStrength } from "@/api/types";

export const shortestPassword = 15;

/** What is said under the field: how many are missing, then what the server found. */
export type Verdict =
	| { kind: "empty" }
	| { kind: "too-short"; missing: number }
	| { kind: "waiting"; length: number }
	| { kind: "refused"; reason: "too_common" | "too_long" | "contains_you" }
	| { kind: "good"; length: number };

export function verdictOf(password: string, strength: PasswordStrength | undefined): Verdict {
	const length = [...password].length;
	if (length === 0) return { kind: "empty" };
	if (length < shortestPassword) return { kind: "too-short", missing: shortestPassword - length };
	if (!strength) return { kind: "waiting", length };
	if (strength.reason === "too_short") return { kind: "too-short", missing: 1 };
	if (strength.reason) return { kind: "refused", reason: strength.reason };
	return { kind: "good", length: strength.length };
}
