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

/** Why a picture that is on does not move here: this device has enough to draw, or its person wants none. */
export type Resting = "busy" | "chosen";

type Props = { tile: Tile; isPinned: boolean; rests: Resting | null };

/** One person. Drawn again only when something of this person has changed. */
export const TileView = memo(function TileView({ tile, isPinned, rests }: Props) {
	const { t } = useLingui();
	const { call } = useRoom();
	const isLoud = useSelect(call.speaking, (speaking) => speaking.has(tile.identity));
	// The last measure outlives the microphone.
	const isSpeaking = isLoud && tile.isHeard;
	const name = tile.name ?? t`A former participant`;
	return (
		<div className={classes(styles.tile, isSpeaking && styles.speaking)} data-identity={tile.identity}>
			{tile.camera && !rests ? (
				<VideoView picture={tile.camera} label={t`Picture of ${name}`} fit="cover" isMirrored={tile.isYou} />
			) : null}
			{tile.camera && !rests && !tile.cameraWaits ? null : (
				<div className={classes(styles.face, tile.cameraWaits && styles.instead)}>
					<Avatar name={tile.name} size="fit" />
				</div>
			)}
			<TileBadges tile={tile} isPinned={isPinned} rests={rests} />
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

function TileBadges({ tile: { hand, spotlight, quality, cameraWaits }, isPinned, rests }: Props) {
	const { t } = useLingui();
	const isWeak = quality === "poor" || quality === "lost";
	const paused = rests ?? (cameraWaits ? "line" : null);
	if (hand === null && spotlight === null && !isWeak && !isPinned && !paused) return null;
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
			{paused ? <PausedBadge why={paused} /> : null}
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

function PausedBadge({ why }: { why: Resting | "line" }) {
	const { t } = useLingui();
	const words = {
		line: {
			short: t`Picture paused, your connection is weak`,
			long: t`Your connection is too weak for this picture. The sound goes on.`,
		},
		busy: {
			short: t`Picture paused, this device is busy`,
			long: t`This device cannot show every picture smoothly. You see those who spoke last.`,
		},
		chosen: {
			short: t`Picture paused, you chose sound first`,
			long: t`You chose sound first. The switch is under Layout.`,
		},
	}[why];
	return (
		<span className={styles.badge} title={words.long}>
			<VideoOff role="img" aria-label={words.short} />
			{why === "line" ? (
				<span className={styles.badgeText} aria-hidden>
					{t`Picture paused`}
				</span>
			) : null}
		</span>
	);
}
