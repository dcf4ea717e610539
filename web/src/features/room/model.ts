import type { Rights, SeatRole } from "@/api/types";
import { type LayoutMode, layoutModes, mostPins, type SelfView, selfViews, type Wish } from "@/call/layout";
import { type Choice, readChoice, writeChoice } from "@/lib/choices";
import { createStore } from "@/lib/store";

export type PanelName = "chat" | "people";

export const isHosting = (role: SeatRole) => role === "host" || role === "co_host";

export const noRights: Rights = { microphone: false, camera: false, screen: false, chat: false };

const chosen = <K extends string>(choice: Choice, all: readonly K[], usual: K): K =>
	all.find((each) => each === readChoice(choice)) ?? usual;

/** How this person wants the stage. The layout is remembered in this browser; pins and pages are this visit's. */
export function createWishes() {
	const wish = createStore<Wish>({
		mode: chosen("layout", layoutModes, "auto"),
		pins: [],
		page: 0,
		self: chosen("self-view", selfViews, "grid"),
		screen: "first",
	});
	const set = (part: Partial<Wish>) => wish.update((now) => ({ ...now, ...part }));
	return {
		wish,
		setMode(mode: LayoutMode) {
			writeChoice("layout", mode);
			// Who chooses a layout wants to see it, not what was held before.
			set({ mode, pins: [], page: 0 });
		},
		nextMode() {
			const next = layoutModes[(layoutModes.indexOf(wish.get().mode) + 1) % layoutModes.length] ?? "auto";
			this.setMode(next);
			return next;
		},
		setSelf(self: SelfView) {
			writeChoice("self-view", self);
			set({ self });
		},
		/** Pins of a fourth let go of the first. */
		togglePin(identity: string) {
			const { pins } = wish.get();
			const without = pins.filter((each) => each !== identity);
			set({
				pins: without.length < pins.length ? without : [...without, identity].slice(-mostPins),
				page: 0,
			});
		},
		setPage: (page: number) => set({ page: Math.max(0, page) }),
		setScreen: (screen: Wish["screen"]) => set({ screen }),
	};
}

export type Wishes = ReturnType<typeof createWishes>;

/** A choice that is on or off, remembered in this browser. */
export function createToggle(choice: Choice, usual: boolean) {
	const store = createStore((readChoice(choice) ?? String(usual)) === "true");
	return {
		...store,
		set(on: boolean) {
			writeChoice(choice, String(on));
			store.set(on);
		},
	};
}
