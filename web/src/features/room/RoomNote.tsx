import type { ReactNode } from "react";
import styles from "@/features/room/cards.module.css";

/** One thing that needs saying in the room, with what one can do about it. */
export function RoomNote({
	icon,
	action,
	children,
}: {
	icon: ReactNode;
	action?: ReactNode;
	children: ReactNode;
}) {
	return (
		<div className={styles.note}>
			{icon}
			<span>{children}</span>
			{action}
		</div>
	);
}
