import { QueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Me } from "@/api/types";
import { currentTheme, showTheme } from "@/lib/appearance";
import { currentLanguage, showLanguage } from "@/lib/i18n";
import { isWorthRetrying, problemOf } from "@/lib/problem";

export function createQueries(): QueryClient {
	return new QueryClient({
		defaultOptions: {
			queries: {
				staleTime: 15_000,
				// A person without a network sees what is wrong instead of a page that loads for ever.
				networkMode: "offlineFirst",
				retry: (count, error) => count < 2 && isWorthRetrying(error),
			},
			mutations: { networkMode: "always" },
		},
	});
}

export const instanceQuery = () =>
	api.queryOptions("get", "/api/instance", {}, { staleTime: Number.POSITIVE_INFINITY });
export const meQuery = () => api.queryOptions("get", "/api/me");
export const meetingsQuery = () => api.queryOptions("get", "/api/meetings");
/** The meeting as whoever has a part in it sees it. */
export const meetingQuery = (code: string) =>
	api.queryOptions("get", "/api/meetings/{code}", { params: { path: { code } } });
export const recapQuery = (code: string) =>
	api.queryOptions("get", "/api/meetings/{code}/recap", { params: { path: { code } } });
export const doorQuery = (code: string) =>
	api.queryOptions("get", "/api/meetings/{code}/door", { params: { path: { code } } });
export const peopleQuery = (code: string) =>
	api.queryOptions("get", "/api/meetings/{code}/people", { params: { path: { code } } });

/** Who is signed in here, or nobody. Their language and theme are shown from then on. */
export async function loadMe(queries: QueryClient): Promise<Me | null> {
	try {
		const me = await queries.ensureQueryData(meQuery());
		await showPreferences(me);
		return me;
	} catch (error) {
		if (problemOf(error).code === "unauthenticated") return null;
		throw error;
	}
}

export async function showPreferences(me: Me): Promise<void> {
	if (me.theme !== currentTheme()) showTheme(me.theme);
	if (me.language !== currentLanguage()) await showLanguage(me.language);
}

/** After a sign-in nothing that the former person saw may stay. */
export async function becomeSignedIn(queries: QueryClient, me: Me): Promise<void> {
	queries.removeQueries({ predicate: ({ queryKey }) => queryKey[1] !== "/api/instance" });
	queries.setQueryData(meQuery().queryKey, me);
	await showPreferences(me);
}
