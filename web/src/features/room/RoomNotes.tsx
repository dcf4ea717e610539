import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { Camera, DoorOpen, Mic, MicOff, MonitorUp, VideoOff, VolumeX, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Call, CallView, Notice } from "@/call/call";
import { type Source, sources } from "@/call/types";
import { ConnectionNote } from "@/features/room/ConnectionNote";
import styles from "@/features/room/cards.module.css";
import { RoomNote } from "@/features/room/RoomNote";
import type { OpenThings } from "@/features/room/things";
import { useRefusalWords } from "@/lib/refusal-words";
import { Button, IconButton } from "@/ui/Button";

type Props = { call: Call; view: CallView; waiting: number; things: OpenThings; onOpenPeople: () => void };

/** What needs saying in the room: what is wrong, what is being done about it, and what one can do. */
export function RoomNotes({ call, view, waiting, things, onOpenPeople }: Props) {
	const { t } = useLingui();
	const refusal = useRefusalWords();
	const { notice, isSoundBlocked, devices } = view;
	return (
		<div className={styles.notes} role="status">
			<ConnectionNote view={view} />
			{isSoundBlocked ? (
				<RoomNote
					icon={<VolumeX aria-hidden />}
					action={<Button size="small" onPress={call.allowSound}>{t`Turn on sound`}</Button>}
				>
					{t`Your browser holds the sound back until you press.`}
				</RoomNote>
			) : null}
			{notice ? <NoticeNote call={call} notice={notice} things={things} /> : null}
			{sources.map((source) => {
				const device = devices[source];
				return device.kind === "refused" ? (
					<RoomNote
						key={source}
						icon={<VideoOff aria-hidden />}
						action={device.why === "blur" ? <ShowPlain call={call} /> : null}
					>
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

/** Only whoever is asked and presses is seen without what they wished for. */
function ShowPlain({ call }: { call: Call }) {
	const { t } = useLingui();
	return (
		<Button
			size="small"
			onPress={() => {
				void call.blur("off");
				call.press("camera");
			}}
		>
			{t`Turn on without blur`}
		</Button>
	);
}

function useNoticeWords(): (notice: Notice) => string {
	const { t } = useLingui();
	return (notice) => {
		if (notice.kind === "noisy")
			return t`This browser cannot take out noise. The microphone works as before.`;
		const name = { camera: t`camera`, microphone: t`microphone`, screen: t`screen` }[notice.source];
		switch (notice.kind) {
			case "muted":
				return notice.source === "microphone"
					? t`You were muted. Only you can turn the microphone on again.`
					: t`A host stopped your ${name}. Only you can turn it on again.`;
			case "withdrawn":
				return t`Your ${name} is off, its light too: the permission was taken back. It comes on only when you press it.`;
			case "gone":
				return t`Your ${name} went away and is off. Plug it in again, or choose another one.`;
			case "moved":
				return t`Your ${name} went away. ${notice.to} is used now.`;
			case "held":
				return t`A host keeps your ${name} off. You still see, hear and can raise your hand.`;
			case "given":
				return t`You may use your ${name} again. It is off until you press it.`;
		}
	};
}

function NoticeNote({ call, notice, things }: { call: Call; notice: Notice; things: OpenThings }) {
	const { t } = useLingui();
	const words = useNoticeWords();
	const canChoose = notice.kind === "gone" || notice.kind === "moved";
	const isOff = notice.kind !== "moved" && notice.kind !== "given";
	const icons: Record<Source, ReactNode> = {
		microphone: isOff ? <MicOff aria-hidden /> : <Mic aria-hidden />,
		camera: isOff ? <VideoOff aria-hidden /> : <Camera aria-hidden />,
		screen: <MonitorUp aria-hidden />,
	};
	return (
		<RoomNote
			icon={icons[notice.kind === "noisy" ? "microphone" : notice.source]}
			action={
				<>
					{canChoose ? (
						<Button
							size="small"
							onPress={() => {
								call.dismissNotice();
								things.toggle("devices");
							}}
						>
							{t`Choose`}
						</Button>
					) : null}
					<IconButton size="small" label={t`Close`} onPress={call.dismissNotice}>
						<X />
					</IconButton>
				</>
			}
		>
			{words(notice)}
		</RoomNote>
	);
}
