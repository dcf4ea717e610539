import { useLingui } from "@lingui/react/macro";
import { Mic, MicOff, Video, VideoOff } from "lucide-react";
import type { Preview, PreviewDevice, PreviewSource } from "@/call/preview";
import { Pickers } from "@/features/prejoin/Pickers";
import styles from "@/features/prejoin/prejoin.module.css";
import { useRefusalWords } from "@/lib/refusal-words";
import { useStore } from "@/lib/use-store";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Level } from "@/ui/Steps";

export function PreviewPane({ name, preview }: { name: string | null; preview: Preview }) {
	const { t } = useLingui();
	const refusal = useRefusalWords();
	const { camera, microphone, level } = useStore(preview.view);
	const isBlurring = useStore(preview.blurWish) !== "off";
	return (
		<div className={styles.preview}>
			<div className={styles.screen}>
				{camera.kind === "on" ? (
					<Mirror stream={camera.stream} label={t`Your picture, seen by you alone`} />
				) : (
					<div className={styles.nobody}>
						<Avatar name={name} size="fit" />
						<span>
							{camera.kind !== "starting"
								? t`Your camera is off`
								: isBlurring
									? t`You are shown once your background is blurred`
									: t`Your browser is asking you`}
						</span>
					</div>
				)}
				{microphone.kind === "on" ? (
					<div className={styles.level}>
						<Level value={level} label={t`How loud you are`} />
					</div>
				) : null}
				<div className={styles.buttons}>
					<DeviceButton source="microphone" device={microphone} preview={preview} />
					<DeviceButton source="camera" device={camera} preview={preview} />
				</div>
			</div>
			{camera.kind === "refused" ? (
				<Note tone="warn" action={camera.why === "blur" ? <ShowPlain preview={preview} /> : null}>
					{refusal("camera", camera.why)}
				</Note>
			) : null}
			{microphone.kind === "refused" ? (
				<Note tone="warn">{refusal("microphone", microphone.why)}</Note>
			) : null}
			<Pickers preview={preview} />
		</div>
	);
}

function ShowPlain({ preview }: { preview: Preview }) {
	const { t } = useLingui();
	return (
		<Button
			size="small"
			onPress={() => {
				void preview.blur("off");
				void preview.toggle("camera");
			}}
		>
			{t`Turn on without blur`}
		</Button>
	);
}

function Mirror({ stream, label }: { stream: MediaStream; label: string }) {
	return (
		<video
			className={styles.video}
			aria-label={label}
			autoPlay
			playsInline
			muted
			ref={(element) => {
				if (element && element.srcObject !== stream) element.srcObject = stream;
			}}
		/>
	);
}

type ButtonProps = { source: PreviewSource; device: PreviewDevice; preview: Preview };

function DeviceButton({ source, device, preview }: ButtonProps) {
	const { t } = useLingui();
	const isOn = device.kind === "on";
	const [On, Off] = source === "camera" ? [Video, VideoOff] : [Mic, MicOff];
	const label = source === "camera" ? t`Try the camera` : t`Try the microphone`;
	return (
		<button
			type="button"
			className={styles.device}
			aria-pressed={isOn}
			aria-label={label}
			title={label}
			onClick={() => void preview.toggle(source)}
		>
			{isOn ? <On aria-hidden /> : <Off aria-hidden />}
		</button>
	);
}
