import { currentLanguage } from "@/lib/i18n";

/** The agreement is a plain page of the server, readable without account, cookie or script. */
export function agreementPath(): string {
	return currentLanguage() === "en" ? "/agreement" : "/agreement/zh";
}
