import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { client } from "@/api/client";
import { shortestPassword, type Verdict, verdictOf } from "@/lib/password";

/** The server's opinion of a password while it is typed. It is asked only once the length suffices. */
export function usePasswordVerdict(password: string, words: readonly string[]): Verdict {
	const asked = useDeferredValue(password);
	const strength = useQuery({
		queryKey: ["password-strength", asked, ...words],
		queryFn: async ({ signal }) => {
			const { data, error } = await client.POST("/api/password-strength", {
				body: { password: asked, words: words.filter(Boolean) },
				signal,
			});
			if (error) throw error;
			return data;
		},
		enabled: [...asked].length >= shortestPassword,
		staleTime: 0,
		// Typed passwords do not stay in the cache.
		gcTime: 0,
		retry: false,
		placeholderData: keepPreviousData,
	});
	return verdictOf(password, strength.data);
}
