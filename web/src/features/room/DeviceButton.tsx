import { useLingui } from "@lingui/react/macro";
import { ChevronUp, Mic, MicOff, Video, VideoOff } from "lucide-react";
import { Button } from "react-aria-components/Button";
import { DialogTrigger } from "react-aria-components/Dialog";
import type { CallView } from "@/call/call";
import { useRoom } from "@/features/room/context";
import { DeviceSettings } from "@/features/room/DeviceSettings";
import styles from "@/features/room/dock.module.css";
import { useRightWords } from "@/features/room/right-words";
import { classes } from "@/ui/classes";
import { PopDialog } from "@/ui/PopDialog";

type Props = { source: "microphone" | "camera"; view: CallView };

/** One device: on or off, and beside it which one. */
export function DeviceButton({ source, view }: Props) {
	const { t } = useLingui();
	const { call, devices } = useRoom();
	const missing = useRightWords()(source, view.rights);
	const { kind } = view.devices[source];
	const isOn = kind === "on";
	const words = {
		microphone: { on: t`Turn off microphone`, off: t`Turn on microphone`, which: t`Sound settings` },
		camera: { on: t`Turn off camera`, off: t`Turn on camera`, which: t`Camera settings` },
	}[source];
	const label = isOn ? words.on : words.off;
	const [On, Off] = source === "camera" ? [Video, VideoOff] : [Mic, MicOff];
	return (
		<div className={styles.device}>
			<button
				type="button"
				id={`dock-${source}`}
				className={classes(
					styles.dockButton,
					!isOn && styles.off,
					kind === "starting" && styles.starting,
					missing && styles.held,
				)}
				aria-pressed={isOn}
				aria-busy={kind === "starting"}
				aria-disabled={missing ? true : undefined}
				aria-label={missing ? `${label}. ${missing}` : label}
				title={missing ?? label}
				onClick={() => call.press(source)}
			>
				{isOn ? <On aria-hidden /> : <Off aria-hidden />}
			</button>
			<DialogTrigger onOpenChange={(isOpen) => isOpen && void devices.look()}>
				<Button className={classes(styles.which, styles.wideOnly)} aria-label={words.which}>
					<ChevronUp aria-hidden />
				</Button>
				<PopDialog label={words.which} placement="top">
					<DeviceSettings only={source} />
				</PopDialog>
			</DialogTrigger>
		</div>
	);
}
