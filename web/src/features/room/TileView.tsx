import { useLingui } from "@lingui/react/macro";
import { Hand, LampCeiling, MicOff, Pin, VideoOff, WifiOff } from "lucide-react";
import { memo } from "react";
import type { Tile } from "@/call/tiles";
import { useRoom } from "@/features/room/context";
import { TileReactions } from "@/features/room/Reactions";
import styles from "@/features/room/stage.module.css";
import { TileMenu } from "@/features/room/TileMenu";
import { VideoView } from "@/features/room/VideoView";
import { useSelect } from "@/lib/use-select";
import { Avatar } from "@/ui/Avatar";
import { classes } from "@/ui/classes";
import { Unseen } from "@/ui/Layout";

/** One person. Drawn again only when something of this person has changed. */
export const TileView = memo(function TileView({ tile, isPinned }: { tile: Tile; isPinned: boolean }) {
	const { t } = useLingui();
	const { call } = useRoom();
	const isLoud = useSelect(call.speaking, (speaking) => speaking.has(tile.identity));
	// The last measure outlives the microphone.
	const isSpeaking = isLoud && tile.isHeard;
	const name = tile.name ?? t`A former participant`;
	return (
		<div className={classes(styles.tile, isSpeaking && styles.speaking)} data-identity={tile.identity}>
			{tile.camera ? (
				<VideoView picture={tile.camera} label={t`Picture of ${name}`} fit="cover" isMirrored={tile.isYou} />
			) : null}
			{tile.camera && !tile.cameraWaits ? null : (
				<div className={classes(styles.face, tile.cameraWaits && styles.instead)}>
					<Avatar name={tile.name} size="fit" />
				</div>
			)}
			<TileBadges tile={tile} isPinned={isPinned} />
			<div className={styles.who}>
				{tile.isHeard ? null : <MicOff role="img" aria-label={t`Microphone off`} />}
				<span className={styles.name}>
					{tile.isYou ? (
						<>
							<span className={styles.whole}>{t`${name} (you)`}</span>
							<span className={styles.short}>{t`You`}</span>
						</>
					) : (
						name
					)}
				</span>
				{isSpeaking ? <Unseen>{t`speaking`}</Unseen> : null}
			</div>
			<TileReactions identity={tile.identity} />
			<TileMenu tile={tile} name={name} isPinned={isPinned} />
		</div>
	);
});

function TileBadges({
	tile: { hand, spotlight, quality, cameraWaits },
	isPinned,
}: {
	tile: Tile;
	isPinned: boolean;
}) {
	const { t } = useLingui();
	const isWeak = quality === "poor" || quality === "lost";
	if (hand === null && spotlight === null && !isWeak && !isPinned && !cameraWaits) return null;
	const words = quality === "lost" ? t`Connection lost` : t`Weak connection`;
	return (
		<div className={styles.badges}>
			{hand === null ? null : (
				<span className={classes(styles.badge, styles.hand)}>
					<Hand aria-hidden />
					<Unseen>{t`Hand raised, place in the queue:`}</Unseen>
					{hand}
				</span>
			)}
			{isPinned ? (
				<span className={styles.badge}>
					<Pin role="img" aria-label={t`Pinned`} />
				</span>
			) : null}
			{spotlight === null ? null : (
				<span className={styles.badge} title={t`In the spotlight`}>
					<LampCeiling role="img" aria-label={t`In the spotlight`} />
				</span>
			)}
			{cameraWaits ? (
				<span
					className={styles.badge}
					title={t`Your connection is too weak for this picture. The sound goes on.`}
				>
					<VideoOff role="img" aria-label={t`Picture paused, your connection is weak`} />
					<span className={styles.badgeText} aria-hidden>
						{t`Picture paused`}
					</span>
				</span>
			) : null}
			{isWeak ? (
				<span className={styles.badge} title={words}>
					<WifiOff role="img" aria-label={words} />
					<span className={styles.badgeText} aria-hidden>
						{words}
					</span>
				</span>
			) : null}
		</div>
	);
}
