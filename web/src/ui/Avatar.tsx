import { UserRound } from "lucide-react";
import { colourOf, initialsOf } from "@/lib/people";
import styles from "@/ui/Avatar.module.css";
import { classes } from "@/ui/classes";

type Props = { name: string | null; size?: "s" | "m" | "l" | "xl" | "fit" };

/** Decoration: the name stands beside it. */
export function Avatar({ name, size = "m" }: Props) {
	const tone = name ? styles[`c${colourOf(name)}`] : styles.nobody;
	return (
		<span className={classes(styles.avatar, tone, size !== "m" && styles[size])} aria-hidden>
			{name ? initialsOf(name) : <UserRound />}
		</span>
	);
}

export function AvatarStack({ names }: { names: readonly string[] }) {
	return (
		<span className={styles.stack}>
			{names.map((name) => (
				<Avatar key={name} name={name} />
			))}
		</span>
	);
}
