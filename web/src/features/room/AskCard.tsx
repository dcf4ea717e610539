import { useLingui } from "@lingui/react/macro";
import { Mic, MonitorUp, Video } from "lucide-react";
import type { Call, CallView, Invited } from "@/call/call";
import { type Source, sources } from "@/call/types";
import { QuestionCard } from "@/features/room/QuestionCard";

const icons = {
	camera: <Video aria-hidden />,
	microphone: <Mic aria-hidden />,
	screen: <MonitorUp aria-hidden />,
};

type Props = { call: Call; view: Pick<CallView, "devices" | "invited"> };

/** The question at a device's first press, or a host's wish that one should switch it on. One at a time. */
export function AskCard({ call, view: { devices, invited } }: Props) {
	const source = sources.find((each) => devices[each].kind === "asking");
	if (source) return <Question key={source} source={source} call={call} />;
	return invited ? <Invitation key={`invited-${invited}`} source={invited} call={call} /> : null;
}

function Question({ source, call }: { source: Source; call: Call }) {
	const { t } = useLingui();
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
	const { title, why, yes } = words[source];
	return (
		<QuestionCard
			id="ask"
			icon={icons[source]}
			title={title}
			no={t`Not now`}
			yes={yes}
			onAnswer={(answer) => {
				void call.answer(source, answer);
				document.getElementById(`dock-${source}`)?.focus();
			}}
		>
			<p>{why}</p>
		</QuestionCard>
	);
}

function Invitation({ source, call }: { source: Invited; call: Call }) {
	const { t } = useLingui();
	const words = {
		microphone: {
			title: t`A host asks you to unmute`,
			why: t`It comes on only if you turn it on. People in this meeting then hear you; nothing is recorded.`,
			yes: t`Turn on microphone`,
		},
		camera: {
			title: t`A host asks to see you`,
			why: t`The camera comes on only if you turn it on. People in this meeting then see you; nothing is recorded.`,
			yes: t`Turn on camera`,
		},
	}[source];
	return (
		<QuestionCard
			id="ask"
			icon={icons[source]}
			title={words.title}
			no={t`Not now`}
			yes={words.yes}
			onAnswer={(answer) => {
				void call.answerInvitation(answer);
				document.getElementById(`dock-${source}`)?.focus();
			}}
		>
			<p>{words.why}</p>
		</QuestionCard>
	);
}
