import { useLingui } from "@lingui/react/macro";
import { Ellipsis, MicOff, SignalLow } from "lucide-react";
import type { Tile } from "@/call/tiles";
import { PersonMenu } from "@/features/room/PersonMenu";
import styles from "@/features/room/room.module.css";
import { VideoView } from "@/features/room/VideoView";
import { Avatar } from "@/ui/Avatar";

type Props = { code: string; tile: Tile; isHost: boolean };

export function TileView({ code, tile, isHost }: Props) {
	const { t } = useLingui();
	const name = tile.name ?? t`A former participant`;
	const shown = tile.isYou ? t`${name} (you)` : name;
	const { participantId } = tile;
	return (
		<li
			className={tile.isSpeaking ? `${styles.tile} ${styles.speaking}` : styles.tile}
			data-identity={tile.identity}
		>
			{tile.camera ? (
				<VideoView picture={tile.camera} label={t`Picture of ${name}`} fit="cover" isMirrored={tile.isYou} />
			) : (
				<div className={styles.face}>
					<Avatar name={tile.name} size="fit" />
				</div>
			)}
			<div className={styles.who}>
				{tile.isHeard ? null : <MicOff role="img" aria-label={t`Microphone off`} />}
				{tile.quality === "poor" || tile.quality === "lost" ? (
					<SignalLow role="img" aria-label={t`Weak connection`} />
				) : null}
				<span>{shown}</span>
				{tile.isSpeaking ? <span className={styles.srOnly}>{t`speaking`}</span> : null}
			</div>
			{isHost && !tile.isYou && participantId ? (
				<div className={styles.tileMenu}>
					<PersonMenu code={code} participantId={participantId} name={name}>
						<Ellipsis />
					</PersonMenu>
				</div>
			) : null}
		</li>
	);
}
