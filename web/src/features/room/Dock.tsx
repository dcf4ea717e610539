import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { MessageCircle, Mic, MicOff, MonitorUp, PhoneOff, Users, Video, VideoOff } from "lucide-react";
import type { ReactNode } from "react";
import { conversationQuery, unreadOf } from "@/api/messages";
import type { Door, Seat } from "@/api/types";
import type { Call, CallView, Device } from "@/call/call";
import type { Session } from "@/call/session";
import type { Source } from "@/call/types";
import { MoreMenu } from "@/features/room/MoreMenu";
import type { PanelName } from "@/features/room/model";
import styles from "@/features/room/room.module.css";
import { classes } from "@/ui/classes";

type Props = {
	code: string;
	seat: Seat;
	door: Door | undefined;
	session: Session;
	call: Call;
	view: CallView;
	panel: PanelName | null;
	waiting: number;
	onPanel: (panel: PanelName) => void;
};

export function Dock({ code, seat, door, session, call, view, panel, waiting, onPanel }: Props) {
	const { t } = useLingui();
	const { data: unread = 0 } = useQuery({ ...conversationQuery(seat.conversation_id), select: unreadOf });
	const { devices } = view;
	const isSharing = devices.screen.kind === "on";
	return (
		<nav className={styles.dock} aria-label={t`Meeting controls`}>
			<DeviceButton
				source="microphone"
				device={devices.microphone}
				call={call}
				on={{ label: t`Turn off microphone`, icon: <Mic aria-hidden /> }}
				off={{ label: t`Turn on microphone`, icon: <MicOff aria-hidden /> }}
			/>
			<DeviceButton
				source="camera"
				device={devices.camera}
				call={call}
				on={{ label: t`Turn off camera`, icon: <Video aria-hidden /> }}
				off={{ label: t`Turn on camera`, icon: <VideoOff aria-hidden /> }}
			/>
			<button
				type="button"
				id="dock-screen"
				className={classes(styles.dockButton, styles.wideOnly, isSharing && styles.lit)}
				aria-pressed={isSharing}
				title={isSharing ? t`Stop sharing` : t`Share screen`}
				aria-label={isSharing ? t`Stop sharing` : t`Share screen`}
				onClick={() => call.press("screen")}
			>
				<MonitorUp aria-hidden />
			</button>
			<span className={classes(styles.rule, styles.wideOnly)} aria-hidden />
			<DockButton
				id="dock-chat"
				label={t`Chat`}
				isOn={panel === "chat"}
				count={unread}
				onPress={() => onPanel("chat")}
			>
				<MessageCircle aria-hidden />
			</DockButton>
			<DockButton
				id="dock-people"
				label={t`People`}
				isOn={panel === "people"}
				count={waiting}
				onPress={() => onPanel("people")}
			>
				<Users aria-hidden />
			</DockButton>
			<MoreMenu code={code} seat={seat} door={door} session={session} call={call} view={view} />
			<button
				type="button"
				className={styles.leave}
				aria-label={t`Leave`}
				title={t`Leave`}
				onClick={() => void session.leave()}
			>
				<PhoneOff aria-hidden className={styles.phoneOnly} />
				<span className={styles.wideOnly}>{t`Leave`}</span>
			</button>
		</nav>
	);
}

type Face = { label: string; icon: ReactNode };
type DeviceProps = { source: Source; device: Device; call: Call; on: Face; off: Face };

function DeviceButton({ source, device, call, on, off }: DeviceProps) {
	const isOn = device.kind === "on";
	const { label, icon } = isOn ? on : off;
	return (
		<button
			type="button"
			id={`dock-${source}`}
			className={classes(
				styles.dockButton,
				!isOn && styles.off,
				device.kind === "starting" && styles.starting,
			)}
			aria-pressed={isOn}
			aria-busy={device.kind === "starting"}
			aria-label={label}
			title={label}
			onClick={() => call.press(source)}
		>
			{icon}
		</button>
	);
}

type DockButtonProps = {
	id: string;
	label: string;
	isOn: boolean;
	count: number;
	onPress: () => void;
	children: ReactNode;
};

function DockButton({ id, label, isOn, count, onPress, children }: DockButtonProps) {
	const { t } = useLingui();
	return (
		<button
			type="button"
			id={id}
			className={classes(styles.dockButton, isOn && styles.lit)}
			aria-pressed={isOn}
			aria-label={count > 0 ? t`${label}, ${count} new` : label}
			title={label}
			onClick={onPress}
		>
			{children}
			{count > 0 && !isOn ? (
				<span className={styles.count} aria-hidden>
					{count}
				</span>
			) : null}
		</button>
	);
}
