import type { ReactNode } from "react";
import styles from "@/ui/Page.module.css";

export function Page({ children }: { children: ReactNode }) {
	return <div className={styles.page}>{children}</div>;
}

/** The main thing, and what belongs to it beside it; under it where there is no room. */
export function Split({ children }: { children: ReactNode }) {
	return <div className={styles.split}>{children}</div>;
}

/** Two of the same weight. */
export function Two({ children }: { children: ReactNode }) {
	return <div className={styles.two}>{children}</div>;
}

export function Column({ children }: { children: ReactNode }) {
	return <div className={styles.column}>{children}</div>;
}

/** As wide as a form is comfortable to read. */
export function Narrow({ children }: { children: ReactNode }) {
	return <div className={styles.narrow}>{children}</div>;
}
