/** Puts the focus on the first of these that is shown: on a phone some buttons of a wide screen are not. */
export function focusFirst(...ids: string[]): void {
	for (const id of ids) {
		const element = document.getElementById(id);
		element?.focus();
		if (element && element === document.activeElement) return;
	}
}

/** As a ref: who had the focus inside of what goes away is taken to one of these. */
export const handOver =
	(...ids: string[]) =>
	(element: HTMLElement | null) =>
	() => {
		if (element?.contains(document.activeElement)) focusFirst(...ids);
	};

/** As a ref of what is open: when it closes and the button that opened it is gone, the focus goes to one of these. */
export const catchFocus =
	(...ids: string[]) =>
	(element: HTMLElement | null) => {
		if (!element) return undefined;
		// React Aria gives it back a frame after the end; only then is it known whether it could.
		return () => void requestAnimationFrame(() => requestAnimationFrame(() => catchLost(ids)));
	};

function catchLost(ids: readonly string[]) {
	const { activeElement } = document;
	if (!activeElement || activeElement === document.body) focusFirst(...ids);
}
