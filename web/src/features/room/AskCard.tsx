import { useLingui } from "@lingui/react/macro";
import { Mic, MonitorUp, Video } from "lucide-react";
import type { Call, CallView } from "@/call/call";
import { type Source, sources } from "@/call/types";
import styles from "@/features/room/room.module.css";
import { Button } from "@/ui/Button";
import { Answers } from "@/ui/Dialog";
import { focusOnce } from "@/ui/Layout";

const icons = { camera: Video, microphone: Mic, screen: MonitorUp };

/** The question at a device's first press: one sentence of why, and two answers of the same size. */
export function AskCard({ call, devices }: { call: Call; devices: CallView["devices"] }) {
	const source = sources.find((each) => devices[each].kind === "asking");
	return source ? <Question key={source} source={source} call={call} /> : null;
}

function Question({ source, call }: { source: Source; call: Call }) {
	const { t } = useLingui();
	const Icon = icons[source];
	const words: Record<Source, { title: string; why: string; yes: string }> = {
		microphone: {
			title: t`Turn on your microphone?`,
			why: t`So that people in this meeting hear you. Nothing is recorded. Your yes is for this meeting; you can take it back at any time.`,
			yes: t`Turn on microphone`,
		},
		camera: {
			title: t`Turn on your camera?`,
			why: t`So that people in this meeting see you. Nothing is recorded. Your yes is for this meeting; you can take it back at any time.`,
			yes: t`Turn on camera`,
		},
		screen: {
			title: t`Share your screen?`,
			why: t`So that people in this meeting see what you choose next, until you stop. Your browser asks which window.`,
			yes: t`Choose what to share`,
		},
	};
	const answer = (yes: boolean) => {
		void call.answer(source, yes);
		document.getElementById(`dock-${source}`)?.focus();
	};
	const { title, why, yes } = words[source];
	return (
		<div className={styles.askPlace}>
			<section
				className={styles.ask}
				data-theme="light"
				role="alertdialog"
				aria-labelledby="ask-title"
				aria-describedby="ask-why"
				tabIndex={-1}
				ref={focusOnce}
				onKeyDown={(event) => {
					if (event.key !== "Escape") return;
					event.stopPropagation();
					answer(false);
				}}
			>
				<div className={styles.askTitle}>
					<Icon aria-hidden />
					<h2 id="ask-title">{title}</h2>
				</div>
				<p id="ask-why">{why}</p>
				<Answers>
					<Button onPress={() => answer(false)}>{t`Not now`}</Button>
					<Button onPress={() => answer(true)}>{yes}</Button>
				</Answers>
			</section>
		</div>
	);
}
