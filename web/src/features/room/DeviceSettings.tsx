import { useLingui } from "@lingui/react/macro";
import { Volume2 } from "lucide-react";
import { useState } from "react";
import type { Call } from "@/call/call";
import { createLevel, playTone } from "@/call/sound";
import type { DeviceKind } from "@/call/types";
import { useRoom } from "@/features/room/context";
import styles from "@/features/room/dock.module.css";
import { writeChoice } from "@/lib/choices";
import { useStore } from "@/lib/use-store";
import { Button } from "@/ui/Button";
import { BlurSelect, DeviceSelect } from "@/ui/DeviceSelect";
import { Level } from "@/ui/Steps";
import { Switch } from "@/ui/Switch";

const canChooseSpeaker = () => "setSinkId" in HTMLMediaElement.prototype;

/** Which devices, how loud, and what is done with the sound. Nothing here turns one on. */
export function DeviceSettings({ only }: { only?: "microphone" | "camera" }) {
	return (
		<div className={styles.settings}>
			{only === "camera" ? null : <SoundSettings />}
			{only === "microphone" ? null : <CameraSettings />}
		</div>
	);
}

function SoundSettings() {
	const { t } = useLingui();
	const { call, devices, isPushToTalk } = useRoom();
	const { isQuiet } = useStore(call.view);
	const { speaker } = useStore(devices.lists);
	const [chosen, setChosen] = useState<string | null>(null);
	return (
		<>
			<Picker kind="microphone" />
			<MicrophoneLevel call={call} />
			<SwitchRow
				label={t`Take out background noise`}
				isOn={isQuiet}
				onChange={(on) => {
					writeChoice("noise", String(on));
					void call.quieten(on);
				}}
			/>
			<SwitchRow
				label={t`Hold Space to speak`}
				isOn={useStore(isPushToTalk)}
				onChange={(on) => isPushToTalk.set(on)}
			/>
			{canChooseSpeaker() && speaker.length > 0 ? (
				<DeviceSelect
					kind="speaker"
					from={speaker}
					chosen={chosen}
					placeholder={t`The system's loudspeaker`}
					onChoose={(id) => {
						setChosen(id);
						void call.choose("speaker", id);
					}}
				/>
			) : null}
			<Button size="small" onPress={() => void playTone(chosen)}>
				<Volume2 aria-hidden />
				{t`Test the loudspeaker`}
			</Button>
		</>
	);
}

function SwitchRow({
	label,
	isOn,
	onChange,
}: {
	label: string;
	isOn: boolean;
	onChange: (on: boolean) => void;
}) {
	return (
		<div className={styles.switchRow}>
			<span aria-hidden>{label}</span>
			<Switch label={label} isSelected={isOn} onChange={onChange} />
		</div>
	);
}

function Picker({ kind }: { kind: Exclude<DeviceKind, "speaker"> }) {
	const { t } = useLingui();
	const { call, devices } = useRoom();
	useStore(call.view);
	return (
		<DeviceSelect
			kind={kind}
			from={useStore(devices.lists)[kind]}
			chosen={call.inUse(kind)}
			placeholder={t`Named once it is on`}
			onChoose={(id) => void call.choose(kind, id)}
		/>
	);
}

function CameraSettings() {
	const { call } = useRoom();
	return (
		<>
			<Picker kind="camera" />
			<BlurSelect level={useStore(call.blurWish)} onChoose={(level) => void call.blur(level)} />
		</>
	);
}

function MicrophoneLevel({ call }: { call: Call }) {
	const { t } = useLingui();
	const { devices } = useStore(call.view);
	const track = devices.microphone.kind === "on" ? call.track("microphone") : null;
	if (!track) return <p className={styles.hint}>{t`Turn the microphone on to see how loud you are.`}</p>;
	return <LiveLevel key={track.id} track={track} />;
}

function LiveLevel({ track }: { track: MediaStreamTrack }) {
	const { t } = useLingui();
	const [level] = useState(() => createLevel(track));
	return <Level value={useStore(level)} label={t`How loud you are`} />;
}
