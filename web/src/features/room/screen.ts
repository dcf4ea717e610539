export const canFillScreen = () => document.fullscreenEnabled === true;

export function toggleFullScreen(): void {
	// Refused outside of a press, which is no loss.
	if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
	else document.documentElement.requestFullscreen().catch(() => {});
}
