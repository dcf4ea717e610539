import type { ReactNode } from "react";
import { classes } from "@/ui/classes";
import styles from "@/ui/Layout.module.css";

type Gap = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 8;
type Box = { gap?: Gap; children: ReactNode; grow?: boolean };

export function Stack({ gap = 4, grow, children }: Box) {
	return <div className={classes(styles.stack, styles[`g${gap}`], grow && styles.grow)}>{children}</div>;
}

type RowProps = Box & { wrap?: boolean; align?: "between" | "end" | "center"; top?: boolean };

export function Row({ gap = 2, grow, wrap, align, top, children }: RowProps) {
	return (
		<div
			className={classes(
				styles.row,
				styles[`g${gap}`],
				grow && styles.grow,
				wrap && styles.wrap,
				align && styles[align],
				top && styles.top,
			)}
		>
			{children}
		</div>
	);
}

type TextProps = {
	children: ReactNode;
	size?: 12 | 13 | 14;
	tone?: "quiet" | "faint" | "good" | "bad" | "warn" | "plain";
	weight?: "medium" | "strong";
	cut?: boolean;
	as?: "p" | "span" | "div" | "h3" | "time";
	id?: string;
};

export function Text({ children, size = 14, tone = "plain", weight, cut, as: As = "p", id }: TextProps) {
	return (
		<As
			id={id}
			className={classes(
				styles[`size${size}`],
				tone !== "plain" && styles[tone],
				weight && styles[weight],
				cut && styles.cut,
			)}
		>
			{children}
		</As>
	);
}

type HeadProps = {
	title: string;
	lead?: ReactNode;
	above?: ReactNode;
	children?: ReactNode;
	/** For a page that comes without a navigation: it begins at its title. */
	begins?: boolean;
};

export const focusOnce = (element: HTMLElement | null) => element?.focus({ preventScroll: true });

/** A page's title with what stands above, under and beside it. */
export function PageHead({ title, lead, above, children, begins }: HeadProps) {
	return (
		<header className={styles.head}>
			<div className={styles.headText}>
				{above ? <div className={classes(styles.size13, styles.quiet, styles.above)}>{above}</div> : null}
				<h1 tabIndex={-1} ref={begins ? focusOnce : undefined}>
					{title}
				</h1>
				{lead ? <p className={styles.lead}>{lead}</p> : null}
			</div>
			{children}
		</header>
	);
}

type CardProps = { children: ReactNode; pad?: boolean; label?: string; id?: string };

export function Card({ children, pad, label, id }: CardProps) {
	return (
		<section id={id} className={classes(styles.card, pad && styles.pad)} aria-label={label}>
			{children}
		</section>
	);
}

export function CardHead({ title, children }: { title: string; children?: ReactNode }) {
	return (
		<div className={styles.cardHead}>
			<h2>{title}</h2>
			{children}
		</div>
	);
}

export function Lines({ children, label }: { children: ReactNode; label?: string }) {
	return (
		<ul className={styles.lines} aria-label={label}>
			{children}
		</ul>
	);
}

type LineProps = {
	icon?: ReactNode;
	title: ReactNode;
	detail?: ReactNode;
	children?: ReactNode /** What is done with it stands under it on a phone. */;
	wide?: boolean;
};

/** One thing of a list: a picture, a name, a detail, and what can be done with it. */
export function Line({ icon, title, detail, children, wide }: LineProps) {
	return (
		<li className={classes(styles.line, wide && styles.wideLine)}>
			{icon}
			<div className={styles.lineText}>
				<div className={styles.medium}>{title}</div>
				{detail ? <div className={classes(styles.size13, styles.quiet)}>{detail}</div> : null}
			</div>
			{children}
		</li>
	);
}

/** Said to a screen reader, not shown. */
export function Unseen({ children }: { children: ReactNode }) {
	return <span className={styles.hide}>{children}</span>;
}
