import { useSyncExternalStore } from "react";

/** The keys of the room. They are listed under `?` from this one table. */
export const roomKeys = ["m", "v", "h", "s", "r", "c", "p", "l", "f", "?"] as const;
export type RoomKey = (typeof roomKeys)[number];

export type KeyActs = Record<RoomKey, () => void> & {
	close: () => void;
	turn: (by: number) => void;
	hold: () => boolean;
	release: () => void;
};

/** A phone is not told of keys; whoever has some all the same presses `?`. */
export const mayHaveKeys = () => globalThis.matchMedia?.("(any-pointer: fine)").matches ?? true;

let acts: KeyActs | null = null;

const isTyping = (target: EventTarget | null) =>
	target instanceof HTMLElement &&
	(/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable);

/** A menu, a list or a slider has its own use for arrows and letters. */
const hasOwnKeys = (target: EventTarget | null) =>
	target instanceof Element &&
	target.closest("[role=menu], [role=listbox], [role=dialog], [role=alertdialog], [role=radiogroup]") !==
		null;

const isPressable = (target: EventTarget | null) =>
	target instanceof Element && target.closest("button, a, [role=switch], input, textarea, select") !== null;

function onDown(event: KeyboardEvent) {
	const { target } = event;
	// Escape leaves the chat too, but never with something half written.
	const isEmpty = target instanceof HTMLTextAreaElement && target.value === "" && !event.isComposing;
	if (isTyping(target) && !(isEmpty && event.key === "Escape")) return;
	if (!acts || event.metaKey || event.ctrlKey || event.altKey || hasOwnKeys(target)) return;
	const key = event.key.toLowerCase();
	if (key === " ") {
		if (isPressable(target)) return;
		if (!event.repeat) acts.hold();
		// Held, it must not scroll.
		event.preventDefault();
		return;
	}
	if (event.repeat) return;
	const known = roomKeys.find((each) => each === key);
	if (known) acts[known]();
	else if (key === "escape") acts.close();
	else if (key === "arrowleft" || key === "pageup") acts.turn(-1);
	else if (key === "arrowright" || key === "pagedown") acts.turn(1);
	else return;
	// The letter must not land in the field that the panel puts the focus into.
	event.preventDefault();
}

function onUp(event: KeyboardEvent) {
	if (event.key === " ") acts?.release();
}

/** Who goes to another window lets go of the key there, and this page does not hear it. */
const onAway = () => acts?.release();

function listen(): () => void {
	addEventListener("keydown", onDown);
	addEventListener("keyup", onUp);
	addEventListener("blur", onAway);
	return () => {
		removeEventListener("keydown", onDown);
		removeEventListener("keyup", onUp);
		removeEventListener("blur", onAway);
	};
}

const nothing = () => null;

export function useRoomKeys(next: KeyActs): void {
	acts = next;
	useSyncExternalStore(listen, nothing);
}
