import { createStore, type Store } from "@/lib/store";
import type { Timers } from "@/lib/timers";

/** What is shown for a moment beside who sent it. Nothing of it is kept, here or anywhere. */
export const emojis = ["👍", "❤️", "😂", "😮", "👏", "🎉"] as const;
export type Emoji = (typeof emojis)[number];
export type Reaction = { id: number; identity: string; emoji: Emoji };

export type Reactions = {
	shown: Pick<Store<readonly Reaction[]>, "get" | "subscribe">;
	/** False if it was one too many, or none of ours. */
	show: (identity: string, emoji: string) => boolean;
	clear: () => void;
};

const shownMs = 4000;
const mostOfOne = 3;
const mostOfAll = 30;

export function createReactions(timers: Timers): Reactions {
	const shown = createStore<readonly Reaction[]>([]);
	let next = 1;
	return {
		shown,
		show(identity, emoji) {
			const known = emojis.find((each) => each === emoji);
			const now = shown.get();
			const ofOne = now.filter((each) => each.identity === identity).length;
			if (!known || ofOne >= mostOfOne || now.length >= mostOfAll) return false;
			const reaction = { id: next++, identity, emoji: known };
			shown.set([...now, reaction]);
			timers.after(shownMs, () => shown.update((all) => all.filter(({ id }) => id !== reaction.id)));
			return true;
		},
		clear: () => shown.set([]),
	};
}

/** The packet as everybody in the meeting sends it. */
export const reactionTopic = "reaction";
export const packReaction = (emoji: string): Uint8Array<ArrayBuffer> =>
	new TextEncoder().encode(JSON.stringify({ emoji }));

/** What somebody sent, or null if it is no reaction: a packet is what its sender made it. */
export function unpackReaction(payload: Uint8Array): string | null {
	try {
		const value: unknown = JSON.parse(new TextDecoder().decode(payload));
		const emoji = typeof value === "object" && value !== null && "emoji" in value ? value.emoji : null;
		return typeof emoji === "string" ? emoji : null;
	} catch {
		return null;
	}
}
