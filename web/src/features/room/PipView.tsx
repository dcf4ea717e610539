import { useLingui } from "@lingui/react/macro";
import { Mic, MicOff, PhoneOff, Video, VideoOff } from "lucide-react";
import { createPortal } from "react-dom";
import type { Tile } from "@/call/tiles";
import { useRoom } from "@/features/room/context";
import styles from "@/features/room/dock.module.css";
import { endFloating, pipWindow } from "@/features/room/pip";
import { VideoView } from "@/features/room/VideoView";
import { useStore } from "@/lib/use-store";
import { Avatar } from "@/ui/Avatar";

/** The small window: who speaks, or the shared screen, and the buttons that one must reach at once. */
export function PipView({ tiles }: { tiles: readonly Tile[] }) {
	const shown = useStore(pipWindow);
	return shown ? createPortal(<Small tiles={tiles} />, shown.document.body) : null;
}

function Small({ tiles }: { tiles: readonly Tile[] }) {
	const { t } = useLingui();
	const { call, session, isSoundFirst } = useRoom();
	const { devices } = useStore(call.view);
	const speaker = useStore(call.speaker);
	const screen = tiles.find(({ screen: shared, isYou }) => shared && !isYou);
	const tile = screen ?? tiles.find(({ identity }) => identity === speaker) ?? tiles[0];
	const isFaceless = useStore(isSoundFirst) && tile?.isYou === false;
	const picture = screen?.screen ?? (isFaceless ? null : tile?.camera);
	const waits = screen ? screen.screenWaits : (tile?.cameraWaits ?? false);
	const name = tile?.name ?? t`Someone`;
	const microphone = devices.microphone.kind === "on";
	const camera = devices.camera.kind === "on";
	const micLabel = microphone ? t`Turn off microphone` : t`Turn on microphone`;
	const cameraLabel = camera ? t`Turn off camera` : t`Turn on camera`;
	return (
		<div className={styles.small}>
			<div className={styles.smallPicture}>
				{picture ? (
					<VideoView key={picture.id} picture={picture} label={name} fit={screen ? "contain" : "cover"} />
				) : null}
				{picture && !waits ? null : (
					<div className={styles.smallFace}>
						<Avatar name={tile?.name ?? null} size="xl" />
					</div>
				)}
				<span className={styles.smallName}>{name}</span>
			</div>
			<div className={styles.smallButtons}>
				<button
					type="button"
					className={styles.dockButton}
					aria-label={micLabel}
					title={micLabel}
					onClick={() => call.press("microphone")}
				>
					{microphone ? <Mic aria-hidden /> : <MicOff aria-hidden />}
				</button>
				<button
					type="button"
					className={styles.dockButton}
					aria-label={cameraLabel}
					title={cameraLabel}
					onClick={() => call.press("camera")}
				>
					{camera ? <Video aria-hidden /> : <VideoOff aria-hidden />}
				</button>
				<button
					type="button"
					className={styles.leave}
					aria-label={t`Leave`}
					title={t`Leave`}
					onClick={() => {
						endFloating();
						void session.leave();
					}}
				>
					<PhoneOff aria-hidden />
				</button>
			</div>
		</div>
	);
}
