import type { Theme } from "@/api/types";
import { readChoice, writeChoice } from "@/lib/choices";

/** Light and dark live in one attribute of the document; without it the system decides. */
export function isTheme(value: unknown): value is Theme {
	return value === "system" || value === "light" || value === "dark";
}

export function preferredTheme(): Theme {
	const chosen = readChoice("theme");
	return isTheme(chosen) ? chosen : "system";
}

let shown: Theme = "system";

export function currentTheme(): Theme {
	return shown;
}

export function showTheme(theme: Theme): void {
	shown = theme;
	const root = document.documentElement;
	if (root.dataset.stage !== undefined) return;
	if (theme === "system") delete root.dataset.theme;
	else root.dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
	writeChoice("theme", theme);
	showTheme(theme);
}

/** The room is dark for everyone, with all its menus and dialogs, which live outside of the room's element. */
export function enterStage(): void {
	document.documentElement.dataset.stage = "";
	document.documentElement.dataset.theme = "dark";
}

export function leaveStage(): void {
	delete document.documentElement.dataset.stage;
	showTheme(shown);
}
