import { useNavigate } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { createStore } from "@/lib/store";

/** Keys of the shell. A key does nothing while something is typed, except the palette's. */
export type Sheet = "palette" | "shortcuts" | "schedule" | null;

export const sheet = createStore<Sheet>(null);

export function openSheet(which: Sheet): void {
	sheet.set(which);
}

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");
export const keyNames = { command: isMac ? "⌘" : "Ctrl " };

type Go = (to: "/" | "/meetings" | "/me") => void;

export type KeyPress = Pick<KeyboardEvent, "key" | "metaKey" | "ctrlKey" | "altKey"> & { typing: boolean };
export type KeyMeaning = "palette" | "shortcuts" | "home" | "meetings" | "me" | "wait-for-second" | null;

/** What a key means, given the one pressed before it: `g h` goes home. */
export function meaningOf(press: KeyPress, before: string | null): KeyMeaning {
	const key = press.key.toLowerCase();
	if (key === "k" && (press.metaKey || press.ctrlKey)) return "palette";
	if (press.typing || press.metaKey || press.ctrlKey || press.altKey) return null;
	if (key === "?") return "shortcuts";
	if (before === "g") {
		if (key === "h") return "home";
		if (key === "m") return "meetings";
		if (key === "p") return "me";
	}
	return key === "g" ? "wait-for-second" : null;
}

function isTyping(target: EventTarget | null): boolean {
	return (
		target instanceof HTMLElement &&
		(target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
	);
}

const places = { home: "/", meetings: "/meetings", me: "/me" } as const;
let go: Go = () => {};

function listen(): () => void {
	let before: string | null = null;
	const onKey = (event: KeyboardEvent) => {
		const { key, metaKey, ctrlKey, altKey } = event;
		const meaning = meaningOf({ key, metaKey, ctrlKey, altKey, typing: isTyping(event.target) }, before);
		before = meaning === "wait-for-second" ? "g" : null;
		if (meaning === null || meaning === "wait-for-second") return;
		event.preventDefault();
		if (meaning === "palette" || meaning === "shortcuts") sheet.set(sheet.get() === meaning ? null : meaning);
		else go(places[meaning]);
	};
	addEventListener("keydown", onKey);
	return () => removeEventListener("keydown", onKey);
}

const nothing = () => null;

export function useShellKeys(): void {
	const navigate = useNavigate();
	go = (to) => void navigate({ to });
	useSyncExternalStore(listen, nothing);
}
