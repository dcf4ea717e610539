import { useLingui } from "@lingui/react/macro";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import { type Arrangement, arrange, type Placed, type Wish } from "@/call/layout";
import { createMoving } from "@/call/moving";
import type { Area, Rect } from "@/call/places";
import type { Tile } from "@/call/tiles";
import { useRoom } from "@/features/room/context";
import { OwnTile } from "@/features/room/OwnTile";
import { ScreenTabs, ScreenView } from "@/features/room/ScreenView";
import styles from "@/features/room/stage.module.css";
import { useSwipe } from "@/features/room/swipe";
import { type Resting, TileView } from "@/features/room/TileView";
import { remScale } from "@/lib/rem";
import { useSize } from "@/lib/use-size";
import { useStore } from "@/lib/use-store";

/** The row in which the shared screens are told apart, and the one that turns the pages: neither covers anybody. */
const rowHeight = 44;

/**
 * Everybody who is shown, each at a place that is computed, so that a change of layout moves what is there and makes
 * nothing anew. What is not on this page is not in the page, and the library asks for no picture of it.
 */
export const Stage = memo(function Stage({ tiles }: { tiles: readonly Tile[] }) {
	const { t } = useLingui();
	const { call, wishes } = useRoom();
	const [ref, size] = useSize();
	const wish = useStore(wishes.wish);
	const speaker = useStore(call.speaker);
	const scale = remScale();
	const { arrangement, top, hasTabs } = settle(tiles, speaker, wish, {
		width: size.width / scale,
		height: size.height / scale,
	});
	const { placed, floating, screens, page, pages } = arrangement;
	const rests = useResting(placed, speaker);
	const turn = (by: number) => wishes.setPage(Math.min(page + by, pages - 1));
	const swipe = useSwipe(turn);
	return (
		<div className={styles.stage} data-layout={arrangement.kind} {...swipe}>
			{hasTabs ? <ScreenTabs screens={screens} /> : null}
			<ul className={styles.places} aria-label={t`People`} ref={ref}>
				{size.width === 0
					? null
					: placed.map(({ key, kind, tile, rect, isLarge }) => (
							<li
								key={key}
								className={styles.place}
								style={placeOf({ ...rect, y: rect.y + top }, scale)}
								data-large={isLarge || undefined}
							>
								{kind === "screen" ? (
									<ScreenView tile={tile} />
								) : (
									<TileView tile={tile} isPinned={wish.pins.includes(tile.identity)} rests={rests(tile)} />
								)}
							</li>
						))}
			</ul>
			{pages > 1 ? <Turn arrangement={arrangement} onTurn={turn} /> : null}
			{floating ? <OwnTile tile={floating} /> : null}
		</div>
	);
});

/** Whose picture rests: everybody's where sound comes first, and some where this device cannot draw them all. */
function useResting(placed: readonly Placed[], speaker: string | null): (tile: Tile) => Resting | null {
	const { pace, isSoundFirst } = useRoom();
	const [moving] = useState(createMoving);
	const most = useStore(pace.most);
	const isChosen = useStore(isSoundFirst);
	const isMoving = ({ camera, isYou }: Tile) => camera !== null && !isYou;
	const faces = placed.filter(({ kind, tile }) => kind === "face" && isMoving(tile));
	moving.hear(speaker);
	const picked = moving.pick(
		faces.map(({ tile: { identity }, isLarge }) => ({ identity, isLarge })),
		isChosen ? 0 : most,
	);
	return (tile) => {
		if (!isMoving(tile) || picked.has(tile.identity)) return null;
		return isChosen ? "chosen" : "busy";
	};
}

/** The rows above and below take their height first; what is left is the people's. */
function settle(tiles: readonly Tile[], speaker: string | null, wish: Wish, { width, height }: Area) {
	const first = arrange(tiles, speaker, wish, { width, height });
	const hasTabs = first.screens.length > 1 && first.kind === "presenting";
	const top = hasTabs ? rowHeight : 0;
	const whole = hasTabs ? arrange(tiles, speaker, wish, { width, height: height - top }) : first;
	const low = { width, height: height - top - rowHeight };
	return { arrangement: whole.pages > 1 ? arrange(tiles, speaker, wish, low) : whole, top, hasTabs };
}

function placeOf(rect: Rect, scale: number) {
	const pixels = (length: number) => Math.round(length * scale);
	return {
		transform: `translate(${pixels(rect.x)}px, ${pixels(rect.y)}px)`,
		width: pixels(rect.width),
		height: pixels(rect.height),
	};
}

function Turn({ arrangement, onTurn }: { arrangement: Arrangement; onTurn: (by: number) => void }) {
	const { t } = useLingui();
	const { page, pages } = arrangement;
	const shown = page + 1;
	return (
		<div className={styles.pages}>
			<TurnButton label={t`Previous page of people`} isEnd={page === 0} onTurn={() => onTurn(-1)}>
				<ChevronLeft aria-hidden />
			</TurnButton>
			<p role="status">{t`${shown} of ${pages}`}</p>
			<TurnButton label={t`Next page of people`} isEnd={page === pages - 1} onTurn={() => onTurn(1)}>
				<ChevronRight aria-hidden />
			</TurnButton>
		</div>
	);
}

type TurnProps = { label: string; isEnd: boolean; onTurn: () => void; children: ReactNode };

/** At the end it stays where it is, so that neither the finger nor the focus loses it. */
function TurnButton({ label, isEnd, onTurn, children }: TurnProps) {
	return (
		<button
			type="button"
			className={styles.turn}
			aria-label={label}
			aria-disabled={isEnd || undefined}
			onClick={onTurn}
		>
			{children}
		</button>
	);
}
