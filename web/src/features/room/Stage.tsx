import { useLingui } from "@lingui/react/macro";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { memo } from "react";
import { type Arrangement, arrange } from "@/call/layout";
import type { Tile } from "@/call/tiles";
import { Alone } from "@/features/room/Alone";
import { useRoom } from "@/features/room/context";
import { OwnTile } from "@/features/room/OwnTile";
import { ScreenTabs, ScreenView } from "@/features/room/ScreenView";
import styles from "@/features/room/stage.module.css";
import { useSwipe } from "@/features/room/swipe";
import { TileView } from "@/features/room/TileView";
import { useSize } from "@/lib/use-size";
import { useStore } from "@/lib/use-store";

/**
 * Everybody who is shown, each at a place that is computed, so that a change of layout moves what is there and makes
 * nothing anew. What is not on this page is not in the page, and the library asks for no picture of it.
 */
export const Stage = memo(function Stage({ tiles }: { tiles: readonly Tile[] }) {
	const { t } = useLingui();
	const { code, call, wishes } = useRoom();
	const [ref, size] = useSize();
	const wish = useStore(wishes.wish);
	const speaker = useStore(call.speaker);
	const arrangement = arrange(tiles, speaker, wish, size);
	const { placed, floating, screens, page, pages } = arrangement;
	const turn = (by: number) => wishes.setPage(Math.min(page + by, pages - 1));
	const swipe = useSwipe(turn);
	return (
		<div className={styles.stage} data-layout={arrangement.kind} {...swipe}>
			<ul className={styles.places} aria-label={t`People`} ref={ref}>
				{size.width === 0
					? null
					: placed.map(({ key, kind, tile, rect, isLarge }) => (
							<li
								key={key}
								className={styles.place}
								style={{
									transform: `translate(${Math.round(rect.x)}px, ${Math.round(rect.y)}px)`,
									width: Math.round(rect.width),
									height: Math.round(rect.height),
								}}
								data-large={isLarge || undefined}
							>
								{kind === "screen" ? (
									<ScreenView tile={tile} />
								) : (
									<TileView tile={tile} isPinned={wish.pins.includes(tile.identity)} />
								)}
							</li>
						))}
			</ul>
			{screens.length > 1 && arrangement.kind === "presenting" ? <ScreenTabs screens={screens} /> : null}
			{pages > 1 ? <Turn arrangement={arrangement} onTurn={turn} /> : null}
			{floating ? <OwnTile tile={floating} /> : null}
			{tiles.length < 2 ? <Alone code={code} /> : null}
		</div>
	);
});

function Turn({ arrangement, onTurn }: { arrangement: Arrangement; onTurn: (by: number) => void }) {
	const { t } = useLingui();
	const { page, pages } = arrangement;
	const shown = page + 1;
	return (
		<>
			{page > 0 ? (
				<button
					type="button"
					className={`${styles.turn} ${styles.back}`}
					aria-label={t`Previous page of people`}
					onClick={() => onTurn(-1)}
				>
					<ChevronLeft aria-hidden />
				</button>
			) : null}
			{page < pages - 1 ? (
				<button
					type="button"
					className={`${styles.turn} ${styles.on}`}
					aria-label={t`Next page of people`}
					onClick={() => onTurn(1)}
				>
					<ChevronRight aria-hidden />
				</button>
			) : null}
			<p className={styles.pages} role="status">
				{t`${shown} of ${pages}`}
			</p>
		</>
	);
}
