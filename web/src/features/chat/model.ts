import type { Message } from "@/api/types";
import { daysBetween } from "@/lib/format";

/** What the chat shows, from top to bottom. */
export type Line =
	| { kind: "day"; at: string }
	| { kind: "new" }
	/** `isFirst` of several in a row by the same person: it carries the name. */
	| { kind: "message"; message: Message; isFirst: boolean };

const groupMs = 5 * 60_000;

export function linesOf(messages: readonly Message[], firstNew: number | null, now: Date): Line[] {
	const lines: Line[] = [];
	let before: Message | null = null;
	for (const message of messages) {
		const isNewDay = daysBetween(new Date(before?.at ?? now), new Date(message.at)) !== 0;
		if (isNewDay) lines.push({ kind: "day", at: message.at });
		if (message.seq === firstNew) lines.push({ kind: "new" });
		const goesOn =
			before?.sender_id === message.sender_id &&
			!isNewDay &&
			message.seq !== firstNew &&
			Date.parse(message.at) - Date.parse(before.at) < groupMs;
		lines.push({ kind: "message", message, isFirst: !goesOn });
		before = message;
	}
	return lines;
}

export type Part = { kind: "text"; text: string } | { kind: "link"; text: string };

// A Chinese sentence goes on without a space; its marks are in no address.
const link = /\bhttps?:\/\/[^\s<>"'`。，；：！？、（）【】「」『』]+/gi;

/** A text with its links. Only the web's own addresses become links, shown as they were written. */
export function partsOf(text: string): Part[] {
	const parts: Part[] = [];
	let from = 0;
	for (const { 0: found, index } of text.matchAll(link)) {
		const address = withoutTail(found);
		if (!URL.canParse(address)) continue;
		if (index > from) parts.push({ kind: "text", text: text.slice(from, index) });
		parts.push({ kind: "link", text: address });
		from = index + address.length;
	}
	if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
	return parts;
}

/** Without the marks that end a sentence, and without a bracket that was opened before the address. */
function withoutTail(address: string): string {
	let end = address.length;
	for (; end > 0; end -= 1) {
		const last = address[end - 1] ?? "";
		const opened = { ")": "(", "]": "[" }[last];
		const head = address.slice(0, end);
		const isOpenedInside = opened && head.split(opened).length >= head.split(last).length;
		if (isOpenedInside || !/[.,;:!?)\]}]/.test(last)) break;
	}
	return address.slice(0, end);
}

/** The message that one edits by the arrow upwards. */
export function lastOwnOf(messages: readonly Message[]): Message | null {
	return messages.findLast(({ is_you, body }) => is_you && body.state === "open") ?? null;
}
