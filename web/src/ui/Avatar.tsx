import { colourOf, initialsOf } from "@/lib/people";
import styles from "@/ui/Avatar.module.css";
import { classes } from "@/ui/classes";

type Props = { id: string; name: string | null; size?: "s" | "m" | "l" | "xl" };

/** Decoration: the name stands beside it. */
export function Avatar({ id, name, size = "m" }: Props) {
	const tone = name ? styles[`c${colourOf(id)}`] : styles.nobody;
	return (
		<span className={classes(styles.avatar, tone, size !== "m" && styles[size])} aria-hidden>
			{initialsOf(name)}
		</span>
	);
}

export function AvatarStack({ people }: { people: readonly { id: string; name: string }[] }) {
	return (
		<span className={styles.stack}>
			{people.map(({ id, name }) => (
				<Avatar key={id} id={id} name={name} />
			))}
		</span>
	);
}
