import { useCallback, useState } from "react";

export type Size = { width: number; height: number };

/** How large an element is, now and whenever that changes. */
export function useSize(): [(element: HTMLElement | null) => (() => void) | undefined, Size] {
	const [size, setSize] = useState<Size>({ width: 0, height: 0 });
	const ref = useCallback((element: HTMLElement | null) => {
		if (!element) return undefined;
		const observer = new ResizeObserver(([entry]) => {
			if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
		});
		observer.observe(element);
		return () => observer.disconnect();
	}, []);
	return [ref, size];
}
