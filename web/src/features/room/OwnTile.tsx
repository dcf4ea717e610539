import { type PointerEvent, useState } from "react";
import type { Tile } from "@/call/tiles";
import styles from "@/features/room/stage.module.css";
import { TileView } from "@/features/room/TileView";

type Corner = "topLeft" | "topRight" | "bottomLeft" | "bottomRight";
type Grip = { x: number; y: number };

/** Oneself, in the corner to which one drags it. Its menu puts it into the grid or away. */
export function OwnTile({ tile }: { tile: Tile }) {
	const [corner, setCorner] = useState<Corner>("bottomRight");
	const [grip, setGrip] = useState<Grip | null>(null);
	const [moved, setMoved] = useState({ x: 0, y: 0 });
	const take = (event: PointerEvent<HTMLDivElement>) => {
		if (event.target instanceof Element && event.target.closest("button")) return;
		event.currentTarget.setPointerCapture(event.pointerId);
		setGrip({ x: event.clientX, y: event.clientY });
	};
	const move = (event: PointerEvent) => {
		if (grip) setMoved({ x: event.clientX - grip.x, y: event.clientY - grip.y });
	};
	const drop = (event: PointerEvent<HTMLDivElement>) => {
		const place = event.currentTarget.parentElement?.getBoundingClientRect();
		if (grip && place) setCorner(cornerOf(event, place));
		setGrip(null);
		setMoved({ x: 0, y: 0 });
	};
	return (
		<div
			className={`${styles.floating} ${styles[corner]}`}
			style={grip ? { transform: `translate(${moved.x}px, ${moved.y}px)` } : undefined}
			data-moving={grip ? true : undefined}
			onPointerDown={take}
			onPointerMove={move}
			onPointerUp={drop}
			onPointerCancel={drop}
		>
			<TileView tile={tile} isPinned={false} rests={null} />
		</div>
	);
}

function cornerOf({ clientX, clientY }: PointerEvent, place: DOMRect): Corner {
	const isLeft = clientX < place.left + place.width / 2;
	const isTop = clientY < place.top + place.height / 2;
	if (isTop) return isLeft ? "topLeft" : "topRight";
	return isLeft ? "bottomLeft" : "bottomRight";
}
