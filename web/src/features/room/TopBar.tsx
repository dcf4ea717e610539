import { useLingui } from "@lingui/react/macro";
import { Eye, Signal, Users } from "lucide-react";
import type { CallView } from "@/call/call";
import styles from "@/features/room/room.module.css";
import { useMinute } from "@/lib/clock";
import { useFormat } from "@/lib/format";
import { useMeetingWords } from "@/lib/meeting-words";

export function TopBar({ title, count, view }: { title: string; count: number; view: CallView }) {
	const { t } = useLingui();
	const format = useFormat();
	const now = useMinute();
	const words = useMeetingWords();
	const you = view.peers.find(({ isYou }) => isYou);
	const quality = {
		good: t`Good connection`,
		poor: t`Weak connection`,
		lost: t`Connection lost`,
		unknown: null,
	}[you?.quality ?? "unknown"];
	return (
		<header className={styles.top}>
			<h1 className={styles.title}>{title}</h1>
			<span className={styles.time}>{format.time(now.toISOString())}</span>
			<span className={styles.chip} title={words.inside(count)}>
				<Users aria-hidden />
				<span className={styles.srOnly}>{words.inside(count)}</span>
				<span aria-hidden>{count}</span>
			</span>
			<span className={styles.space} />
			<span className={`${styles.chip} ${styles.wideOnly}`}>
				<Eye aria-hidden />
				{t`Seen by people in this meeting`}
			</span>
			{quality ? (
				<span className={`${styles.chip} ${styles.wideOnly}`}>
					<Signal aria-hidden />
					{quality}
				</span>
			) : null}
		</header>
	);
}
