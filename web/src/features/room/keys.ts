import { useSyncExternalStore } from "react";
import type { Source } from "@/call/types";
import type { PanelName } from "@/features/room/model";

type Acts = { press: (source: Source) => void; toggle: (panel: PanelName) => void; close: () => void };

let acts: Acts | null = null;

function listen(): () => void {
	const onKey = (event: KeyboardEvent) => {
		const { target } = event;
		const isTyping = target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
		// Escape leaves the chat too, but never with something half written.
		const isEmpty = target instanceof HTMLTextAreaElement && target.value === "" && !event.isComposing;
		if (isTyping && !(isEmpty && event.key === "Escape")) return;
		if (event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
		const key = event.key.toLowerCase();
		if (key === "m") acts?.press("microphone");
		else if (key === "v") acts?.press("camera");
		else if (key === "c") acts?.toggle("chat");
		else if (key === "p") acts?.toggle("people");
		else if (key === "escape") acts?.close();
		else return;
		// The letter must not land in the field that the panel puts the focus into.
		event.preventDefault();
	};
	addEventListener("keydown", onKey);
	return () => removeEventListener("keydown", onKey);
}

const nothing = () => null;

export function useRoomKeys(next: Acts): void {
	acts = next;
	useSyncExternalStore(listen, nothing);
}
