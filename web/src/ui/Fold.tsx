import { ChevronDown } from "lucide-react";
import { type ReactNode, useState } from "react";
import { classes } from "@/ui/classes";
import styles from "@/ui/Fold.module.css";

type Props = {
	icon?: ReactNode;
	title: ReactNode;
	detail?: ReactNode;
	level?: "section" | "item";
	children: ReactNode;
};

/** A line that says what is inside, and opens to it. What was never opened is not drawn. */
export function Fold({ icon, title, detail, level = "section", children }: Props) {
	const [wasOpened, setOpened] = useState(false);
	return (
		<details
			className={classes(styles.fold, styles[level])}
			onToggle={({ currentTarget }) => currentTarget.open && setOpened(true)}
		>
			<summary className={styles.summary}>
				{icon}
				<span className={styles.words}>
					<span className={styles.title}>{title}</span>
					{detail ? <span className={styles.detail}>{detail}</span> : null}
				</span>
				<ChevronDown className={styles.chevron} aria-hidden />
			</summary>
			{wasOpened ? <div className={styles.inside}>{children}</div> : null}
		</details>
	);
}
