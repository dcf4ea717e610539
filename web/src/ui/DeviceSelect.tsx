import { useLingui } from "@lingui/react/macro";
import { Mic, ScanFace, Video, Volume2 } from "lucide-react";
import type { BlurLevel } from "@/call/blur/level";
import type { DeviceChoice } from "@/call/devices";
import type { DeviceKind } from "@/call/types";
import { Select } from "@/ui/Select";

type DeviceProps = {
	kind: DeviceKind;
	from: readonly DeviceChoice[];
	/** What is in use; without it, or where it went away, the first one stands for it. */
	chosen: string | null;
	placeholder: string;
	labelHidden?: boolean;
	onChoose: (id: string) => void;
};

/** Which device of a kind; their names are told by the browser once one was on. */
export function DeviceSelect({ kind, from, chosen, placeholder, labelHidden, onChoose }: DeviceProps) {
	const { t } = useLingui();
	const labels = { camera: t`Camera`, microphone: t`Microphone`, speaker: t`Loudspeaker` };
	const icons = {
		camera: <Video aria-hidden />,
		microphone: <Mic aria-hidden />,
		speaker: <Volume2 aria-hidden />,
	};
	return (
		<Select
			label={labels[kind]}
			labelHidden={labelHidden}
			icon={icons[kind]}
			placeholder={placeholder}
			options={from}
			isDisabled={from.length === 0}
			value={from.some(({ id }) => id === chosen) ? chosen : (from[0]?.id ?? null)}
			onChange={onChoose}
		/>
	);
}

type BlurProps = {
	level: BlurLevel;
	labelHidden?: boolean;
	onChoose: (level: BlurLevel) => void;
};

/** What others see of what is behind a person. */
export function BlurSelect({ level, labelHidden, onChoose }: BlurProps) {
	const { t } = useLingui();
	return (
		<Select
			label={t`Blur my background`}
			labelHidden={labelHidden}
			icon={<ScanFace aria-hidden />}
			options={[
				{ id: "off", name: t`Background as it is` },
				{ id: "slight", name: t`Background blurred slightly` },
				{ id: "strong", name: t`Background blurred strongly` },
			]}
			value={level}
			onChange={onChoose}
		/>
	);
}
