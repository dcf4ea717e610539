import { i18n } from "@lingui/core";
import type { Language } from "@/api/types";
import { readChoice, writeChoice } from "@/lib/choices";

export const languages: readonly Language[] = ["en", "zh-CN"];

/** A language's name in itself, so that one who reads nothing else finds it. */
export const languageNames: Record<Language, string> = { en: "English", "zh-CN": "简体中文" };

const catalogs = {
	en: () => import("../locales/en.po"),
	"zh-CN": () => import("../locales/zh-CN.po"),
} satisfies Record<Language, () => Promise<unknown>>;

export function isLanguage(value: unknown): value is Language {
	return value === "en" || value === "zh-CN";
}

export function languageOf(tags: readonly string[]): Language {
	for (const tag of tags) {
		if (tag.toLowerCase().startsWith("zh")) return "zh-CN";
		if (tag.toLowerCase().startsWith("en")) return "en";
	}
	return "en";
}

/** The person's own choice in this browser, or what the browser asks for. */
export function preferredLanguage(): Language {
	const chosen = readChoice("language");
	return isLanguage(chosen) ? chosen : languageOf(navigator.languages);
}

export function currentLanguage(): Language {
	return isLanguage(i18n.locale) ? i18n.locale : "en";
}

export async function showLanguage(language: Language): Promise<void> {
	if (i18n.locale === language) return;
	const { messages } = await catalogs[language]();
	i18n.loadAndActivate({ locale: language, messages });
	document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language): Promise<void> {
	writeChoice("language", language);
	await showLanguage(language);
}
