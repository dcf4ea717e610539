import { useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import type { Preview } from "@/call/preview";
import styles from "@/features/prejoin/prejoin.module.css";
import { useStore } from "@/lib/use-store";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { BlurSelect, DeviceSelect } from "@/ui/DeviceSelect";

/** Which devices, before something is on as far as the browser tells their names, and how the camera shows one. */
export function Pickers({ preview }: { preview: Preview }) {
	const { t } = useLingui();
	const { camera, microphone, cameras, microphones, speakers, chosen } = useStore(preview.view);
	const test = useMutation({ mutationFn: () => preview.testSound(), networkMode: "always" });
	// On a phone the way in is what matters, until something is on.
	const isIdle = camera.kind !== "on" && camera.kind !== "starting" && microphone.kind !== "on";
	const choose = (kind: keyof typeof chosen) => ({
		kind,
		labelHidden: true,
		chosen: chosen[kind],
		onChoose: (id: string) => void preview.choose(kind, id),
	});
	const later = t`Choose after turning on`;
	return (
		<div className={classes(styles.pickers, isIdle && styles.idle)}>
			<DeviceSelect {...choose("microphone")} from={microphones} placeholder={later} />
			<DeviceSelect {...choose("camera")} from={cameras} placeholder={later} />
			<DeviceSelect {...choose("speaker")} from={speakers} placeholder={t`The system's loudspeaker`} />
			<BlurSelect
				labelHidden
				level={useStore(preview.blurWish)}
				onChoose={(level) => void preview.blur(level)}
			/>
			<div className={styles.tone}>
				<Button look="pill" size="small" isPending={test.isPending} onPress={() => test.mutate()}>
					{test.isError ? t`No sound came. Try again` : t`Test the loudspeaker`}
				</Button>
			</div>
		</div>
	);
}
