import { useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { emojis, type Reaction } from "@/call/reactions";
import type { Tile } from "@/call/tiles";
import { useRoom } from "@/features/room/context";
import dock from "@/features/room/dock.module.css";
import styles from "@/features/room/stage.module.css";
import { handOver } from "@/lib/focus";
import { useStore } from "@/lib/use-store";
import { IconButton } from "@/ui/Button";
import { focusOnce, Unseen } from "@/ui/Layout";

/** What this person has just sent, on their tile for a moment. */
export function TileReactions({ identity }: { identity: string }) {
	const { call } = useRoom();
	const shown = useStore(call.reactions).filter((each) => each.identity === identity);
	if (shown.length === 0) return null;
	return (
		<div className={styles.reactions} aria-hidden>
			{shown.map(({ id, emoji }) => (
				<span key={id} className={styles.reaction}>
					{emoji}
				</span>
			))}
		</div>
	);
}

/** The same for those who do not see it; also of people on another page. */
export function ReactionWords({ tiles }: { tiles: readonly Tile[] }) {
	const { t } = useLingui();
	const { call } = useRoom();
	const shown = useStore(call.reactions);
	const words = ({ identity, emoji }: Reaction) => {
		const name = tiles.find((tile) => tile.identity === identity)?.name ?? t`Someone`;
		return t`${name}: ${emoji}`;
	};
	return (
		<div role="status">
			<Unseen>{shown.map(words).join(", ")}</Unseen>
		</div>
	);
}

const backToDock = handOver("dock-react", "dock-more");

export function ReactionBar({ onClose }: { onClose: () => void }) {
	const { t } = useLingui();
	const { call } = useRoom();
	const names: Record<(typeof emojis)[number], string> = {
		"👍": t`Thumbs up`,
		"❤️": t`Heart`,
		"😂": t`Laughing`,
		"😮": t`Surprised`,
		"👏": t`Applause`,
		"🎉": t`Celebration`,
	};
	return (
		<section
			className={dock.reactionBar}
			ref={backToDock}
			data-layer
			aria-label={t`Reactions`}
			onKeyDown={(event) => {
				if (event.key !== "Escape") return;
				event.stopPropagation();
				onClose();
			}}
		>
			{emojis.map((emoji, at) => (
				<button
					key={emoji}
					type="button"
					className={dock.reactionButton}
					aria-label={names[emoji]}
					title={names[emoji]}
					ref={at === 0 ? focusOnce : undefined}
					onClick={() => call.react(emoji)}
				>
					{emoji}
				</button>
			))}
			<IconButton size="small" label={t`Close`} onPress={onClose}>
				<X />
			</IconButton>
		</section>
	);
}
