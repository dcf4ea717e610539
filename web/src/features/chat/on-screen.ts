/** A ref that tells whether its element is on the screen, and when that changes. */
export function onScreen(tell: (isSeen: boolean) => void) {
	return (element: HTMLElement | null) => {
		if (!element) return;
		if (!("IntersectionObserver" in globalThis)) return void tell(true);
		const observer = new IntersectionObserver((entries) => tell(entries.at(-1)?.isIntersecting ?? false));
		observer.observe(element);
		return () => observer.disconnect();
	};
}
