import { useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import { meQuery } from "@/api/queries";
import type { Language, Theme } from "@/api/types";
import { chooseTheme } from "@/lib/appearance";
import { chooseLanguage } from "@/lib/i18n";

/** Theme and language: shown at once, and kept with the account so that the next device knows. */
export function usePreferences() {
	const queries = useQueryClient();
	const { mutate } = api.useMutation("patch", "/api/me", {
		onSuccess: (me) => queries.setQueryData(meQuery().queryKey, me),
	});
	return {
		theme: (theme: Theme) => {
			chooseTheme(theme);
			mutate({ body: { theme } });
		},
		language: (language: Language) => {
			void chooseLanguage(language);
			mutate({ body: { language } });
		},
	};
}
