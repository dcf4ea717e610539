import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { DoorOpen, MicOff, RefreshCw, VideoOff, VolumeX, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Call, CallView, Notice } from "@/call/call";
import { sources } from "@/call/types";
import styles from "@/features/room/room.module.css";
import { useRefusalWords } from "@/lib/refusal-words";
import { Button, IconButton } from "@/ui/Button";

type Props = { call: Call; view: CallView; waiting: number; onOpenPeople: () => void };

/** What needs saying in the room: what is wrong, what is being done about it, and what one can do. */
export function RoomNotes({ call, view, waiting, onOpenPeople }: Props) {
	const { t } = useLingui();
	const refusal = useRefusalWords();
	const { connection, notice, isSoundBlocked, devices } = view;
	return (
		<div className={styles.notes} role="status">
			{connection === "reconnecting" || connection === "lost" ? (
				<RoomNote icon={<RefreshCw aria-hidden />}>
					{connection === "reconnecting"
						? t`The connection broke. Reconnecting; your place is kept.`
						: t`The meeting cannot be reached. Trying again by itself; your place is kept.`}
				</RoomNote>
			) : null}
			{connection === "connecting" ? (
				<RoomNote icon={<RefreshCw aria-hidden />}>{t`Connecting`}</RoomNote>
			) : null}
			{isSoundBlocked ? (
				<RoomNote
					icon={<VolumeX aria-hidden />}
					action={<Button size="small" onPress={call.allowSound}>{t`Turn on sound`}</Button>}
				>
					{t`Your browser holds the sound back until you press.`}
				</RoomNote>
			) : null}
			{notice ? <NoticeNote notice={notice} onDismiss={call.dismissNotice} /> : null}
			{sources.map((source) => {
				const device = devices[source];
				return device.kind === "refused" ? (
					<RoomNote key={source} icon={<VideoOff aria-hidden />}>
						{refusal(source, device.why)}
					</RoomNote>
				) : null;
			})}
			{waiting > 0 ? (
				<RoomNote
					icon={<DoorOpen aria-hidden />}
					action={<Button size="small" onPress={onOpenPeople}>{t`Look`}</Button>}
				>
					{plural(waiting, { one: "Someone is at the door", other: "# people are at the door" })}
				</RoomNote>
			) : null}
		</div>
	);
}

function NoticeNote({ notice, onDismiss }: { notice: Notice; onDismiss: () => void }) {
	const { t } = useLingui();
	const name =
		notice.kind === "muted"
			? t`microphone`
			: { camera: t`camera`, microphone: t`microphone`, screen: t`screen` }[notice.source];
	const words = {
		muted: t`You were muted. Only you can turn the microphone on again.`,
		withdrawn: t`Your ${name} is off, its light too: the permission was taken back. It comes on only when you press it.`,
		gone: t`Your ${name} stopped. Look whether it is still plugged in, then press it again.`,
	}[notice.kind];
	return (
		<RoomNote
			icon={name === t`camera` ? <VideoOff aria-hidden /> : <MicOff aria-hidden />}
			action={
				<IconButton size="small" label={t`Close`} onPress={onDismiss}>
					<X />
				</IconButton>
			}
		>
			{words}
		</RoomNote>
	);
}

function RoomNote({ icon, action, children }: { icon: ReactNode; action?: ReactNode; children: ReactNode }) {
	return (
		<div className={styles.note}>
			{icon}
			<span>{children}</span>
			{action}
		</div>
	);
}
