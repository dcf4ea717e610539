import { useLingui } from "@lingui/react/macro";
import { Copy, Database, Ellipsis, Eraser, MicOff, MonitorUp, PhoneOff, VideoOff } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import type { Door, Seat } from "@/api/types";
import type { Call, CallView } from "@/call/call";
import type { Session } from "@/call/session";
import { useCopyLink } from "@/features/room/Alone";
import { EndQuestion } from "@/features/room/EndQuestion";
import { EraseQuestion } from "@/features/room/EraseQuestion";
import { GuestData } from "@/features/room/GuestData";
import styles from "@/features/room/room.module.css";
import { Menu, MenuItem } from "@/ui/Menu";

type Props = {
	code: string;
	seat: Seat;
	door: Door | undefined;
	session: Session;
	call: Call;
	view: CallView;
};
type Open = "data" | "erase" | "end" | null;

export function MoreMenu({ code, seat, door, session, call, view }: Props) {
	const { t } = useLingui();
	const [open, setOpen] = useState<Open>(null);
	const copy = useCopyLink(code);
	const isGuest = door !== undefined && door.you.kind !== "account";
	const isSharing = view.devices.screen.kind === "on";
	const items = [
		<MenuItem key="link" icon={<Copy aria-hidden />} onAction={copy}>
			{t`Copy link`}
		</MenuItem>,
		<MenuItem key="screen" icon={<MonitorUp aria-hidden />} onAction={() => call.press("screen")}>
			{isSharing ? t`Stop sharing` : t`Share screen`}
		</MenuItem>,
	];
	if (view.permits.microphone) {
		items.push(
			<MenuItem key="mic" icon={<MicOff aria-hidden />} onAction={() => void call.takeBack("microphone")}>
				{t`Take back my yes to the microphone`}
			</MenuItem>,
		);
	}
	if (view.permits.camera) {
		items.push(
			<MenuItem key="cam" icon={<VideoOff aria-hidden />} onAction={() => void call.takeBack("camera")}>
				{t`Take back my yes to the camera`}
			</MenuItem>,
		);
	}
	if (isGuest) {
		items.push(
			<MenuItem key="data" icon={<Database aria-hidden />} onAction={() => setOpen("data")}>
				{t`My data`}
			</MenuItem>,
			<MenuItem key="erase" icon={<Eraser aria-hidden />} bad onAction={() => setOpen("erase")}>
				{t`Leave and erase me`}
			</MenuItem>,
		);
	}
	if (seat.role === "host") {
		items.push(
			<MenuItem key="end" icon={<PhoneOff aria-hidden />} bad onAction={() => setOpen("end")}>
				{t`End for everyone`}
			</MenuItem>,
		);
	}
	const close = () => setOpen(null);
	return (
		<>
			<Menu
				label={t`More`}
				placement="top"
				trigger={
					<AriaButton className={styles.dockButton ?? ""} aria-label={t`More`}>
						<Ellipsis aria-hidden />
					</AriaButton>
				}
			>
				{items}
			</Menu>
			<GuestData code={code} isOpen={open === "data"} onClose={close} onErase={() => setOpen("erase")} />
			<EraseQuestion code={code} session={session} isOpen={open === "erase"} onClose={close} />
			<EndQuestion code={code} session={session} isOpen={open === "end"} onClose={close} />
		</>
	);
}
