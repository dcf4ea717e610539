import { classes } from "@/ui/classes";
import styles from "@/ui/Steps.module.css";

/** How far along; the words beside it say the same. */
export function Steps({ now, of }: { now: number; of: number }) {
	return (
		<div className={styles.steps} aria-hidden>
			{Array.from({ length: of }, (_, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a step is its number
				<span key={at} className={classes(styles.step, at < now && styles.done)} />
			))}
		</div>
	);
}

/** Long work whose end is not known. */
export function Working({ label }: { label: string }) {
	return (
		<div className={styles.bar} role="status">
			<span>{label}</span>
			<div className={styles.track} aria-hidden>
				<div className={styles.running} />
			</div>
		</div>
	);
}

const bars = 12;

/** How loud a microphone is, 0 to 1. */
export function Level({ value, label }: { value: number; label: string }) {
	return (
		<div
			className={styles.level}
			role="meter"
			aria-label={label}
			aria-valuemin={0}
			aria-valuemax={100}
			aria-valuenow={Math.round(value * 100)}
		>
			{Array.from({ length: bars }, (_, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a bar is its number
				<span key={at} className={at < value * bars ? styles.lit : undefined} aria-hidden />
			))}
		</div>
	);
}
