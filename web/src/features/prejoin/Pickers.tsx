import { useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { Mic, Video, Volume2 } from "lucide-react";
import type { Preview } from "@/call/preview";
import styles from "@/features/prejoin/prejoin.module.css";
import { useStore } from "@/lib/use-store";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Select } from "@/ui/Select";

/** Which microphone, camera and loudspeaker: before something is on, as far as the browser tells their names. */
export function Pickers({ preview }: { preview: Preview }) {
	const { t } = useLingui();
	const { camera, microphone, cameras, microphones, speakers, chosen } = useStore(preview.view);
	const test = useMutation({ mutationFn: () => preview.testSound(), networkMode: "always" });
	// On a phone the way in is what matters, until something is on.
	const idle = camera.kind === "on" || microphone.kind === "on" ? null : styles.idle;
	const picked = (id: string | null, from: readonly { id: string }[]) => id ?? from[0]?.id ?? null;
	return (
		<div className={classes(styles.pickers, idle)}>
			<Select
				label={t`Microphone`}
				labelHidden
				icon={<Mic aria-hidden />}
				placeholder={t`Choose after turning on`}
				options={microphones}
				isDisabled={microphones.length === 0}
				value={picked(chosen.microphone, microphones)}
				onChange={(id) => void preview.choose("microphone", id)}
			/>
			<Select
				label={t`Camera`}
				labelHidden
				icon={<Video aria-hidden />}
				placeholder={t`Choose after turning on`}
				options={cameras}
				isDisabled={cameras.length === 0}
				value={picked(chosen.camera, cameras)}
				onChange={(id) => void preview.choose("camera", id)}
			/>
			<Select
				label={t`Loudspeaker`}
				labelHidden
				icon={<Volume2 aria-hidden />}
				placeholder={t`The system's loudspeaker`}
				options={speakers}
				isDisabled={speakers.length === 0}
				value={picked(chosen.speaker, speakers)}
				onChange={(id) => void preview.choose("speaker", id)}
			/>
			<div className={styles.tone}>
				<Button look="pill" size="small" isPending={test.isPending} onPress={() => test.mutate()}>
					{test.isError ? t`No sound came. Try again` : t`Test the loudspeaker`}
				</Button>
			</div>
		</div>
	);
}
