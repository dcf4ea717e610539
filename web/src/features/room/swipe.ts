import { type TouchEvent, useState } from "react";

const enough = 60;

/** A finger that goes sideways turns the page; one that goes down does not. */
export function useSwipe(onTurn: (by: number) => void) {
	const [start] = useState<{ x: number; y: number }>({ x: 0, y: 0 });
	return {
		onTouchStart({ touches }: TouchEvent) {
			const touch = touches[0];
			if (touch) Object.assign(start, { x: touch.clientX, y: touch.clientY });
		},
		onTouchEnd({ changedTouches }: TouchEvent) {
			const touch = changedTouches[0];
			if (!touch) return;
			const [across, down] = [touch.clientX - start.x, touch.clientY - start.y];
			if (Math.abs(across) > enough && Math.abs(across) > 2 * Math.abs(down)) onTurn(across < 0 ? 1 : -1);
		},
	};
}
