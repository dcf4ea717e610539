import { readChoice, writeChoice } from "@/lib/choices";
import { createStore, type Store } from "@/lib/store";

/** How much of what is behind a person is blurred before anybody else sees it. */
export const blurLevels = ["off", "slight", "strong"] as const;
export type BlurLevel = (typeof blurLevels)[number];

/** Remembered in this browser. */
export function createBlurWish(): Store<BlurLevel> {
	const wish = createStore<BlurLevel>(blurLevels.find((each) => each === readChoice("blur")) ?? "off");
	wish.subscribe(() => writeChoice("blur", wish.get()));
	return wish;
}

export type Blurred = { track: MediaStreamTrack; end: () => Promise<void> };

/** Why nothing is shown: it was to be blurred, and could not be. */
export class BlurError extends Error {
	override readonly name = "BlurError";
}
