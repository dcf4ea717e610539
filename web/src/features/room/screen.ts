export const canFillScreen = () => document.fullscreenEnabled === true;

export function toggleFullScreen(): void {
	// Refused outside of a press, which is no loss.
	if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
	else document.documentElement.requestFullscreen().catch(() => {});
}

/** As a phone that lies has it: the dock stands at the side, and a menu has all the height beside it. */
export const isLow = () =>
	globalThis.matchMedia?.("(height < 31.25rem) and (orientation: landscape)").matches ?? false;
