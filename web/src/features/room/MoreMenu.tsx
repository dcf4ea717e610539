import { useLingui } from "@lingui/react/macro";
import {
	Copy,
	Database,
	Ellipsis,
	Eraser,
	Keyboard,
	LayoutGrid,
	Maximize,
	MicOff,
	MonitorUp,
	PhoneOff,
	PictureInPicture2,
	Settings,
	SlidersHorizontal,
	Smile,
	VideoOff,
} from "lucide-react";
import { Button as AriaButton } from "react-aria-components/Button";
import type { Door } from "@/api/types";
import type { CallView } from "@/call/call";
import { useCopyLink } from "@/features/room/Alone";
import { useRoom } from "@/features/room/context";
import styles from "@/features/room/dock.module.css";
import { mayHaveKeys } from "@/features/room/keys";
import { isHosting } from "@/features/room/model";
import { canFloat, floatOut } from "@/features/room/pip";
import { canFillScreen, isLow, toggleFullScreen } from "@/features/room/screen";
import { useOwnSeat } from "@/features/room/seat";
import type { OpenThings } from "@/features/room/things";
import { Menu, MenuGroup, MenuItem } from "@/ui/Menu";

type Props = { door: Door | undefined; view: CallView; things: OpenThings };

export function MoreMenu({ door, view, things }: Props) {
	const { t } = useLingui();
	return (
		<Menu
			label={t`More`}
			placement={isLow() ? "left bottom" : "top"}
			trigger={
				<AriaButton id="dock-more" className={styles.dockButton ?? ""} aria-label={t`More`}>
					<Ellipsis aria-hidden />
				</AriaButton>
			}
		>
			<SeeItems things={things} view={view} />
			<DeviceItems things={things} view={view} />
			<EndItems door={door} things={things} />
		</Menu>
	);
}

function SeeItems({ things, view }: Omit<Props, "door">) {
	const { t } = useLingui();
	const { code, call } = useRoom();
	const { role } = useOwnSeat();
	const copy = useCopyLink(code);
	const isSharing = view.devices.screen.kind === "on";
	return (
		<MenuGroup label={t`The room`}>
			<MenuItem icon={<LayoutGrid aria-hidden />} onAction={() => things.toggle("layout")}>
				{t`Layout`}
			</MenuItem>
			{view.rights.screen ? (
				<MenuItem icon={<MonitorUp aria-hidden />} onAction={() => call.press("screen")}>
					{isSharing ? t`Stop sharing` : t`Share screen`}
				</MenuItem>
			) : null}
			{view.rights.chat ? (
				<MenuItem icon={<Smile aria-hidden />} onAction={() => things.toggle("reactions")}>
					{t`React`}
				</MenuItem>
			) : null}
			{canFloat() ? (
				<MenuItem icon={<PictureInPicture2 aria-hidden />} onAction={() => void floatOut()}>
					{t`Small window on top`}
				</MenuItem>
			) : null}
			{canFillScreen() ? (
				<MenuItem icon={<Maximize aria-hidden />} onAction={toggleFullScreen}>
					{t`Full screen`}
				</MenuItem>
			) : null}
			<MenuItem icon={<Copy aria-hidden />} onAction={copy}>
				{t`Copy link`}
			</MenuItem>
			{isHosting(role) ? (
				<MenuItem icon={<SlidersHorizontal aria-hidden />} onAction={() => things.toggle("hosting")}>
					{t`Host controls`}
				</MenuItem>
			) : null}
		</MenuGroup>
	);
}

function DeviceItems({ things, view }: Omit<Props, "door">) {
	const { t } = useLingui();
	const { call, devices } = useRoom();
	return (
		<MenuGroup label={t`Devices`}>
			<MenuItem
				icon={<Settings aria-hidden />}
				onAction={() => {
					void devices.look();
					things.toggle("devices");
				}}
			>
				{t`Sound and camera`}
			</MenuItem>
			{view.permits.microphone ? (
				<MenuItem icon={<MicOff aria-hidden />} onAction={() => void call.takeBack("microphone")}>
					{t`Take back my yes to the microphone`}
				</MenuItem>
			) : null}
			{view.permits.camera ? (
				<MenuItem icon={<VideoOff aria-hidden />} onAction={() => void call.takeBack("camera")}>
					{t`Take back my yes to the camera`}
				</MenuItem>
			) : null}
			{mayHaveKeys() ? (
				<MenuItem icon={<Keyboard aria-hidden />} onAction={() => things.toggle("keys")}>
					{t`Keys`}
				</MenuItem>
			) : null}
		</MenuGroup>
	);
}

function EndItems({ door, things }: Omit<Props, "view">) {
	const { t } = useLingui();
	const { role } = useOwnSeat();
	const isGuest = door !== undefined && door.you.kind !== "account";
	if (!isGuest && role !== "host") return null;
	return (
		<MenuGroup label={t`Leaving`}>
			{isGuest ? (
				<MenuItem icon={<Database aria-hidden />} onAction={() => things.toggle("data")}>
					{t`My data`}
				</MenuItem>
			) : null}
			{isGuest ? (
				<MenuItem icon={<Eraser aria-hidden />} bad onAction={() => things.toggle("erase")}>
					{t`Leave and erase me`}
				</MenuItem>
			) : null}
			{role === "host" ? (
				<MenuItem icon={<PhoneOff aria-hidden />} bad onAction={() => things.toggle("end")}>
					{t`End for everyone`}
				</MenuItem>
			) : null}
		</MenuGroup>
	);
}
