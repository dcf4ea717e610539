import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { MessageCircle, MonitorUp, PhoneOff, Smile, Users } from "lucide-react";
import type { ReactNode } from "react";
import { conversationQuery, unreadOf } from "@/api/messages";
import type { Door } from "@/api/types";
import type { CallView } from "@/call/call";
import { useRoom } from "@/features/room/context";
import { DeviceButton } from "@/features/room/DeviceButton";
import styles from "@/features/room/dock.module.css";
import { HandButton } from "@/features/room/HandButton";
import { MoreMenu } from "@/features/room/MoreMenu";
import type { PanelName } from "@/features/room/model";
import { useRightWords } from "@/features/room/right-words";
import { useOwnSeat } from "@/features/room/seat";
import type { OpenThings } from "@/features/room/things";
import { classes } from "@/ui/classes";

type Props = {
	door: Door | undefined;
	view: CallView;
	panel: PanelName | null;
	waiting: number;
	things: OpenThings;
	onPanel: (panel: PanelName) => void;
};

export function Dock({ door, view, panel, waiting, things, onPanel }: Props) {
	const { t } = useLingui();
	const { call, session } = useRoom();
	const seat = useOwnSeat();
	const missing = useRightWords();
	const { data: unread = 0 } = useQuery({ ...conversationQuery(seat.conversation_id), select: unreadOf });
	const isSharing = view.devices.screen.kind === "on";
	return (
		<nav className={styles.dock} aria-label={t`Meeting controls`}>
			<DeviceButton source="microphone" view={view} />
			<DeviceButton source="camera" view={view} />
			<DockButton
				id="dock-screen"
				label={isSharing ? t`Stop sharing` : t`Share screen`}
				isOn={isSharing}
				why={missing("screen", view.rights)}
				isWideOnly
				onPress={() => call.press("screen")}
			>
				<MonitorUp aria-hidden />
			</DockButton>
			<HandButton />
			<DockButton
				id="dock-react"
				label={t`React`}
				isOn={things.open === "reactions"}
				why={missing("chat", view.rights)}
				isWideOnly
				onPress={() => things.toggle("reactions")}
			>
				<Smile aria-hidden />
			</DockButton>
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
				isWideOnly
				onPress={() => onPanel("people")}
			>
				<Users aria-hidden />
			</DockButton>
			<MoreMenu door={door} view={view} things={things} />
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

export type DockButtonProps = {
	id: string;
	label: string;
	isOn: boolean;
	count?: number;
	/** Why it cannot be pressed; then it stays, and says it. */
	why?: string | null;
	isWideOnly?: boolean;
	onPress: () => void;
	children: ReactNode;
};

export function DockButton(props: DockButtonProps) {
	const { id, label, isOn, count = 0, why = null, isWideOnly, onPress, children } = props;
	const { t } = useLingui();
	const name = count > 0 ? t`${label}, ${count} new` : label;
	return (
		<button
			type="button"
			id={id}
			className={classes(
				styles.dockButton,
				isWideOnly && styles.wideOnly,
				isOn && styles.lit,
				why && styles.held,
			)}
			aria-pressed={isOn}
			aria-disabled={why ? true : undefined}
			aria-label={why ? `${name}. ${why}` : name}
			title={why ?? label}
			onClick={() => {
				if (!why) onPress();
			}}
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
