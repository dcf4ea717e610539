import { useLingui } from "@lingui/react/macro";
import { MonitorOff, MonitorUp } from "lucide-react";
import type { Tile } from "@/call/tiles";
import { useRoom } from "@/features/room/context";
import styles from "@/features/room/stage.module.css";
import { VideoView } from "@/features/room/VideoView";
import { useStore } from "@/lib/use-store";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";

/** A shared screen, whole. One's own is not shown to oneself: it would hold a picture of itself. */
export function ScreenView({ tile }: { tile: Tile }) {
	const { t } = useLingui();
	const { call } = useRoom();
	const name = tile.name ?? t`Someone`;
	if (tile.isYou)
		return (
			<section className={styles.tile} aria-label={t`You are presenting`}>
				<div className={styles.own}>
					<MonitorUp aria-hidden />
					<p>{t`Everyone here sees what you chose to share.`}</p>
					<Button onPress={() => call.press("screen")}>{t`Stop sharing`}</Button>
				</div>
			</section>
		);
	const words = t`${name} is presenting`;
	return (
		<section className={styles.tile} aria-label={words}>
			{tile.screen ? <VideoView picture={tile.screen} label={words} fit="contain" /> : null}
			{tile.screenWaits ? (
				<div className={classes(styles.own, styles.instead)} role="status">
					<MonitorOff aria-hidden />
					<p>{t`Your connection is too weak for this picture. It comes back by itself.`}</p>
				</div>
			) : null}
			<div className={styles.who}>
				<MonitorUp aria-hidden />
				<span className={styles.name}>{words}</span>
			</div>
		</section>
	);
}

/** Of several shared screens one is large, or all are side by side. */
export function ScreenTabs({ screens }: { screens: readonly Tile[] }) {
	const { t } = useLingui();
	const { wishes } = useRoom();
	const { screen } = useStore(wishes.wish);
	const first = screens.find(({ isYou }) => !isYou)?.identity;
	const shown = screen === "first" || !screens.some(({ identity }) => identity === screen) ? first : screen;
	return (
		<fieldset className={styles.screens} aria-label={t`Which shared screen`}>
			{screens.map(({ identity, isYou, name }) => (
				<button
					key={identity}
					type="button"
					className={styles.screenTab}
					aria-pressed={screen !== null && shown === identity}
					onClick={() => wishes.setScreen(identity)}
				>
					{isYou ? t`Yours` : (name ?? t`Someone`)}
				</button>
			))}
			<button
				type="button"
				className={styles.screenTab}
				aria-pressed={screen === null}
				onClick={() => wishes.setScreen(null)}
			>
				{t`Side by side`}
			</button>
		</fieldset>
	);
}
