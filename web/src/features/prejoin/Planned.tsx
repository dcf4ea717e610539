import { useLingui } from "@lingui/react/macro";
import { CalendarClock } from "lucide-react";
import type { Door } from "@/api/types";
import styles from "@/features/prejoin/prejoin.module.css";
import { useMinute } from "@/lib/clock";
import { useWhenWords } from "@/lib/when-words";

/** When it is meant to be, and whether it has begun. Who comes early may go in and wait there. */
export function Planned({ door }: { door: Door }) {
	const { t } = useLingui();
	const words = useWhenWords();
	const now = useMinute();
	const planned = words.planned(door, now);
	if (!planned) return null;
	const elsewhere = words.elsewhere(door);
	const isEarly = door.state === "idle" && new Date(door.starts_at ?? 0) > now;
	return (
		<div className={styles.planned}>
			<CalendarClock aria-hidden />
			<span>
				{[planned, elsewhere].filter(Boolean).join(" · ")}
				{isEarly ? <b>{t`Not begun yet: ${words.distance(door, now)}`}</b> : null}
			</span>
		</div>
	);
}
