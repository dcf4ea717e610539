import { useLingui } from "@lingui/react/macro";
import { MonitorUp } from "lucide-react";
import { gridFor, type Tile } from "@/call/tiles";
import type { Peer } from "@/call/types";
import { Alone } from "@/features/room/Alone";
import styles from "@/features/room/room.module.css";
import { TileView } from "@/features/room/TileView";
import { VideoView } from "@/features/room/VideoView";
import { useSize } from "@/lib/use-size";

type Props = { code: string; tiles: readonly Tile[]; stage: Peer | null; isHost: boolean };

/** Faces in a grid; a shared screen takes the stage and the faces move to a strip. */
export function Stage({ code, tiles, stage, isHost }: Props) {
	const { t } = useLingui();
	const [ref, size] = useSize();
	if (stage?.screen) {
		const words = stage.isYou
			? t`You are presenting`
			: t`${tiles.find(({ identity }) => identity === stage.identity)?.name ?? t`Someone`} is presenting`;
		return (
			<div className={styles.presenting}>
				<section className={styles.screen} aria-label={words}>
					<VideoView picture={stage.screen} label={words} fit="contain" />
					<div className={styles.who}>
						<MonitorUp aria-hidden />
						{words}
					</div>
				</section>
				<ul className={styles.strip} aria-label={t`People`}>
					{tiles.map((tile) => (
						<TileView key={tile.identity} code={code} tile={tile} isHost={isHost} />
					))}
				</ul>
			</div>
		);
	}
	const { columns } = gridFor(tiles.length, size.width, size.height);
	return (
		<div className={styles.gridBox} ref={ref}>
			<ul
				className={styles.grid}
				aria-label={t`People`}
				style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
			>
				{tiles.map((tile) => (
					<TileView key={tile.identity} code={code} tile={tile} isHost={isHost} />
				))}
			</ul>
			{tiles.length < 2 ? <Alone code={code} /> : null}
		</div>
	);
}
