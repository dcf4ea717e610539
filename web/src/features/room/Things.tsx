import { useLingui } from "@lingui/react/macro";
import { useRoom } from "@/features/room/context";
import { DeviceSettings } from "@/features/room/DeviceSettings";
import { EraseQuestion } from "@/features/room/EraseQuestion";
import { GuestData } from "@/features/room/GuestData";
import { HostControls } from "@/features/room/HostControls";
import { KeysHelp } from "@/features/room/KeysHelp";
import { LayoutChoice } from "@/features/room/LayoutChoice";
import { ReactionBar } from "@/features/room/Reactions";
import type { OpenThings } from "@/features/room/things";
import { Dialog } from "@/ui/Dialog";
import { EndQuestion } from "@/ui/EndQuestion";

/** What lies over the room, one at a time. */
export function Things({ things: { open, close, toggle } }: { things: OpenThings }) {
	const { t } = useLingui();
	const { code, session } = useRoom();
	return (
		<>
			{open === "reactions" ? <ReactionBar onClose={close} /> : null}
			<KeysHelp isOpen={open === "keys"} onClose={close} />
			<LayoutChoice isOpen={open === "layout"} onClose={close} />
			<HostControls isOpen={open === "hosting"} onClose={close} />
			<Dialog title={t`Sound and camera`} isOpen={open === "devices"} onClose={close}>
				<DeviceSettings />
			</Dialog>
			<GuestData code={code} isOpen={open === "data"} onClose={close} onErase={() => toggle("erase")} />
			<EraseQuestion code={code} session={session} isOpen={open === "erase"} onClose={close} />
			<EndQuestion
				code={code}
				isOpen={open === "end"}
				onClose={close}
				onEnded={() => void session.close("ended")}
			/>
		</>
	);
}
