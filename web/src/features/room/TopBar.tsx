import { useLingui } from "@lingui/react/macro";
import { Eye, Lock, Signal, Users, WifiOff } from "lucide-react";
import type { CallView } from "@/call/call";
import styles from "@/features/room/room.module.css";
import { useMinute } from "@/lib/clock";
import { useFormat } from "@/lib/format";
import { useMeetingWords } from "@/lib/meeting-words";
import { classes } from "@/ui/classes";

type Props = {
	title: string;
	count: number;
	isLocked: boolean;
	waiting: number;
	view: CallView;
	onPeople: () => void;
};

export function TopBar({ title, count, isLocked, waiting, view, onPeople }: Props) {
	const { t } = useLingui();
	const format = useFormat();
	const now = useMinute();
	const words = useMeetingWords();
	return (
		<header className={styles.top}>
			<h1 className={styles.title} title={title}>
				{title}
			</h1>
			<span className={styles.time}>{format.time(now.toISOString())}</span>
			<button
				type="button"
				id="top-people"
				className={styles.chip}
				title={words.inside(count)}
				onClick={onPeople}
			>
				<Users aria-hidden />
				<span className={styles.srOnly}>{words.inside(count)}</span>
				<span aria-hidden>{count}</span>
				{waiting > 0 ? (
					<span className={classes(styles.knock, styles.phoneOnly)}>
						<span className={styles.srOnly}>{t`at the door`}</span>
						{waiting}
					</span>
				) : null}
			</button>
			{isLocked ? (
				<span className={styles.chip}>
					<Lock aria-hidden />
					{t`Locked`}
				</span>
			) : null}
			<span className={styles.space} />
			<span className={classes(styles.chip, styles.wideOnly)}>
				<Eye aria-hidden />
				{t`Seen by people in this meeting`}
			</span>
			<OwnQuality view={view} />
		</header>
	);
}

/** One's own line in words, with what is being done; a good one says so only where there is room. */
function OwnQuality({ view }: { view: CallView }) {
	const { t } = useLingui();
	const quality = view.peers.find(({ isYou }) => isYou)?.quality ?? "unknown";
	if (view.connection !== "connected" || quality === "unknown") return null;
	if (quality === "good")
		return (
			<span className={classes(styles.chip, styles.wideOnly)}>
				<Signal aria-hidden />
				{t`Good connection`}
			</span>
		);
	const [short, long] =
		quality === "poor"
			? [t`Weak connection`, t`Weak connection: sound goes first, pictures get smaller`]
			: [t`No connection`, t`Your connection is gone: trying to get it back`];
	return (
		<span className={classes(styles.chip, styles.weak)} role="status" title={long}>
			<WifiOff aria-hidden />
			<span className={styles.wideOnly}>{long}</span>
			<span className={styles.phoneOnly}>{short}</span>
		</span>
	);
}
