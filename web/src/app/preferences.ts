import { preferredTheme, showTheme } from "@/lib/appearance";
import { followChoices } from "@/lib/choices";
import { preferredLanguage, showLanguage } from "@/lib/i18n";

/** A theme or a language that is chosen in another tab is shown here too. */
export function followPreferences(): void {
	followChoices((choice) => {
		if (choice === "theme") showTheme(preferredTheme());
		else void showLanguage(preferredLanguage());
	});
}
