/** What the server, or the lack of one, said instead of an answer. */
export type Problem = { code: string; status: number; params: Record<string, unknown> };

/** Any thrown thing, as a problem that can be worded. A `fetch` that failed carries no answer: nobody was reached. */
export function problemOf(error: unknown): Problem {
	if (typeof error === "object" && error !== null && "code" in error && typeof error.code === "string") {
		const { code } = error;
		const status = "status" in error && typeof error.status === "number" ? error.status : 0;
		const params = "params" in error && typeof error.params === "object" ? error.params : null;
		return { code, status, params: (params ?? {}) as Record<string, unknown> };
	}
	if (error instanceof TypeError) {
		return { code: "unreachable", status: 0, params: {} };
	}
	return { code: "internal", status: 500, params: {} };
}

/** The same failure under the name that fits what was asked: a wrong password is not everywhere a failed sign-in. */
export function renamed(error: unknown, names: Record<string, string>): Problem | null {
	if (!error) return null;
	const problem = problemOf(error);
	return { ...problem, code: names[problem.code] ?? problem.code };
}

/** A wrong answer of the server stays wrong when asked again; an unreachable server may come back. */
export function isWorthRetrying(error: unknown): boolean {
	const { code, status } = problemOf(error);
	return code === "unreachable" || status >= 500;
}
