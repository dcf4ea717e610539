/**
 * What a person chose in this browser before any account knows it. Written only when they choose; a browser
 * that refuses storage keeps the choice for this page alone.
 */
export type Choice =
	| "language"
	| "theme"
	| "layout"
	| "self-view"
	| "sound-first"
	| "push-to-talk"
	| "noise"
	| "blur"
	| "speaker-words";

const prefix = "kloud.";

export function readChoice(choice: Choice): string | null {
	try {
		return localStorage.getItem(prefix + choice);
	} catch {
		return null;
	}
}

export function writeChoice(choice: Choice, value: string): void {
	try {
		localStorage.setItem(prefix + choice, value);
	} catch {
		// Nothing is lost that the person would not choose again.
	}
}

export function forgetChoices(): void {
	try {
		for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
	} catch {
		// A browser without storage has nothing to forget.
	}
}

/** What is chosen in one tab is chosen in the others. */
export function followChoices(onChoice: (choice: Choice) => void): void {
	addEventListener("storage", ({ key }) => {
		if (key === `${prefix}language`) onChoice("language");
		if (key === `${prefix}theme`) onChoice("theme");
	});
}
