import { CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "@/ui/classes";
import styles from "@/ui/Note.module.css";

type Tone = "plain" | "good" | "warn" | "bad";
const icons = { plain: Info, good: CircleCheck, warn: TriangleAlert, bad: TriangleAlert };

type Props = { tone?: Tone; children: ReactNode; action?: ReactNode; quiet?: boolean; inset?: boolean };

/** A sentence that matters here, and what can be done. Trouble is said at once to a screen reader. */
export function Note({ tone = "plain", children, action, quiet, inset }: Props) {
	const Icon = icons[tone];
	const role = quiet ? undefined : tone === "bad" ? "alert" : "status";
	return (
		<div
			className={classes(styles.note, tone !== "plain" && styles[tone], inset && styles.inset)}
			role={role}
		>
			<Icon aria-hidden />
			<div className={styles.body}>
				<div>{children}</div>
				{action}
			</div>
		</div>
	);
}

/** Nothing here yet: one sentence that teaches, one action. */
export function Empty({
	icon,
	children,
	action,
}: {
	icon: ReactNode;
	children: ReactNode;
	action?: ReactNode;
}) {
	return (
		<div className={styles.empty}>
			{icon}
			<p>{children}</p>
			{action}
		</div>
	);
}

/** A remark in passing. */
export function Quiet({ children, center }: { children: ReactNode; center?: boolean }) {
	return <div className={classes(styles.quiet, center && styles.center)}>{children}</div>;
}
