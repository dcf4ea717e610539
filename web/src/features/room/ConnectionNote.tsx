import { useLingui } from "@lingui/react/macro";
import { Hourglass, RefreshCw } from "lucide-react";
import type { CallView } from "@/call/call";
import styles from "@/features/room/cards.module.css";
import { useRoom } from "@/features/room/context";
import { RoomNote } from "@/features/room/RoomNote";
import { Button, buttonClass } from "@/ui/Button";

/** How far the way to the meeting's sound and picture is, if it is not there. */
export function ConnectionNote({ view: { connection, isFull } }: { view: CallView }) {
	const { t } = useLingui();
	const turning = <RefreshCw aria-hidden className={styles.turning} />;
	// It stays while it is tried again, so that who has the focus on its button keeps it.
	if (isFull) return <FullNote isTrying={connection === "connecting"} />;
	switch (connection) {
		case "connecting":
			return <RoomNote icon={turning}>{t`Connecting`}</RoomNote>;
		case "reconnecting":
			return <RoomNote icon={turning}>{t`The connection broke. Reconnecting; your place is kept.`}</RoomNote>;
		case "lost":
			return (
				<RoomNote icon={turning} action={<CheckLink />}>
					{t`The meeting cannot be reached. Trying again by itself; your place is kept.`}
				</RoomNote>
			);
		case "idle":
		case "connected":
		case "elsewhere":
			return null;
	}
}

/** Chat and people work all the same; only sound and picture wait. */
function FullNote({ isTrying }: { isTrying: boolean }) {
	const { t } = useLingui();
	const { session } = useRoom();
	return (
		<RoomNote
			icon={<Hourglass aria-hidden />}
			action={
				<Button size="small" isPending={isTrying} onPress={() => void session.refresh()}>
					{t`Try again`}
				</Button>
			}
		>
			{t`The server is full right now, so you do not see and hear the others yet. Your place is kept; it is tried again by itself.`}
		</RoomNote>
	);
}

/** Beside the meeting, so that the place is kept. */
function CheckLink() {
	const { t } = useLingui();
	return (
		<a className={buttonClass({ size: "small" })} href="/check" target="_blank" rel="noreferrer">
			{t`Check your connection`}
		</a>
	);
}
