import type { ReactNode } from "react";
import { classes } from "@/ui/classes";
import styles from "@/ui/MeetingRow.module.css";

type Props = {
	time: { main: string; under: string };
	live: boolean;
	title: ReactNode;
	detail: ReactNode;
	children?: ReactNode;
};

export function MeetingRow({ time, live, title, detail, children }: Props) {
	return (
		<li className={styles.row}>
			<div className={styles.time}>
				{time.main}
				<small>{time.under}</small>
			</div>
			<span className={classes(styles.bar, live && styles.live)} aria-hidden />
			<div>
				<div className={styles.title}>{title}</div>
				<div className={styles.detail}>{detail}</div>
			</div>
			<div>{children}</div>
		</li>
	);
}
