import type { ReactNode } from "react";
import styles from "@/ui/Chip.module.css";
import { classes } from "@/ui/classes";

type Tone = "plain" | "good" | "warn" | "bad" | "accent";

export function Chip({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
	return <span className={classes(styles.chip, tone !== "plain" && styles[tone])}>{children}</span>;
}

export function Key({ children }: { children: ReactNode }) {
	return <kbd className={styles.kbd}>{children}</kbd>;
}
