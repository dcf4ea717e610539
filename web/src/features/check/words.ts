import { useLingui } from "@lingui/react/macro";
import { type CheckView, type Step, steps, talkState, type Verdict } from "@/call/check";
import { useProblemWords } from "@/lib/problem-words";

export type Tone = "waiting" | "running" | "good" | "warn" | "bad" | "quiet";
export type Row = { step: Step; title: string; detail: string; tone: Tone };
export type Summary = { title: string; lead: string; tone: "plain" | "good" | "warn" | "bad" };

/** Each thing that was tried: what it is, what came of it, and what to do where something can be done. */
export function useRows(): (view: CheckView) => Row[] {
	const titles = useTitles();
	const details = useDetails();
	return (view) =>
		steps.map((step) => ({
			step,
			title: titles[step],
			detail: details(step, view),
			tone: toneOf(step, view),
		}));
}

/** A way that is only there for when a faster one is shut alarms nobody while that one works. */
const isSpare = (step: Step, { states }: CheckView) =>
	(step === "tcp" && states.udp === "good") ||
	(step === "relay" && (states.udp === "good" || states.tcp === "good"));

function toneOf(step: Step, view: CheckView): Tone {
	const state = view.states[step];
	switch (state) {
		case "waiting":
		case "running":
		case "good":
			return state;
		case "slow":
			return "warn";
		case "failed":
			if (isSpare(step, view)) return "quiet";
			return step === "udp" && (view.states.tcp === "good" || view.states.relay === "good") ? "warn" : "bad";
		case "absent":
		case "skipped":
			return "quiet";
	}
}

function useTitles(): Record<Step, string> {
	const { t } = useLingui();
	return {
		server: t`The server answers`,
		browser: t`Your browser can hold meetings`,
		signal: t`The line for messages stays open`,
		udp: t`Sound and picture, the fast way`,
		tcp: t`The slower way, where the fast one is shut`,
		relay: t`By a relay, where nothing else gets through`,
		talk: t`What you send comes back to you`,
	};
}

function useDetails(): (step: Step, view: CheckView) => string {
	const { t } = useLingui();
	const failures: Record<Step, string> = {
		server: t`It does not. Look at your network, then check again.`,
		browser: t`It cannot, or is told not to. Update it, or use another one.`,
		signal: t`It is shut. Ask whoever runs this network to let WebSockets through to this site.`,
		udp: t`UDP does not get through. Ask whoever runs this network to open it to this server.`,
		tcp: t`TCP to the media port does not get through either.`,
		relay: t`The relay cannot be reached either.`,
		talk: t`Hardly anything came back. Go nearer to the Wi-Fi, or take another network.`,
	};
	const good: Record<Step, string> = {
		server: t`Without delay.`,
		browser: t`It has all that is needed.`,
		signal: t`Who comes, who speaks and what is written reach you at once.`,
		udp: t`UDP gets through. Meetings use it.`,
		tcp: t`TCP gets through.`,
		relay: t`The relay is reached.`,
		talk: t`Nothing to notice: clear and without delay.`,
	};
	const slow: Partial<Record<Step, string>> = {
		server: t`It takes its time. Pages come slowly; a talk need not suffer.`,
		signal: t`It broke while it was watched. Meetings come back by themselves, with a gap.`,
	};
	return (step, view) => {
		const state = view.states[step];
		switch (state) {
			case "waiting":
				return t`Not yet tried`;
			case "running":
				return t`Being tried`;
			case "good":
				return good[step];
			case "slow":
				return step === "talk" ? talkWords(view) : (slow[step] ?? good[step]);
			case "failed":
				if (step === "server" && view.refusal) return t`It answers, and cannot check just now.`;
				return isSpare(step, view)
					? t`Shut from here. It is not needed: a faster way works.`
					: failures[step];
			case "absent":
				return t`This server does not offer it.`;
			case "skipped":
				return t`Not tried: something before it failed.`;
		}
	};

	function talkWords({ talk }: CheckView): string {
		if (!talk) return failures.talk;
		const only = (part: Partial<typeof talk>) =>
			talkState({ loss: 0, tripMs: 0, jitterMs: 0, wasSteady: true, ...part }) !== "good";
		if (only({ loss: talk.loss }))
			return t`Parts are lost on the way: words may break off. Go nearer to the Wi-Fi, or use a cable.`;
		if (only({ jitterMs: talk.jitterMs }))
			return t`It comes unevenly: voices may stutter. Stop large downloads, or use a cable.`;
		return t`It takes long: people will speak at the same time. A network nearer to the server helps.`;
	}
}

/** What all of it means. */
export function useSummary(): (verdict: Verdict, view: CheckView) => Summary {
	const { t } = useLingui();
	const problemWords = useProblemWords();
	return (verdict, { states, refusal }) => {
		const noUdp = states.udp === "failed";
		switch (verdict) {
			case "running":
				return {
					tone: "plain",
					title: t`Checking your connection`,
					lead: t`This takes less than a minute. Camera and microphone stay off.`,
				};
			case "well":
				return {
					tone: "good",
					title: t`Meetings work well from here`,
					lead: t`Everything that a meeting needs gets through.`,
				};
			case "weak":
				return {
					tone: "warn",
					title: t`Meetings work from here, but the connection is weak`,
					lead: t`Join without camera if voices break off. What helps is written below.`,
				};
			case "only-tcp":
			case "only-relay":
				return {
					tone: "warn",
					title: noUdp
						? t`Meetings work, but only by the slower way: UDP seems to be blocked`
						: t`Meetings work, but only by the slower way`,
					lead: t`Sound and picture may stutter when the network is busy. Ask whoever runs this network to open UDP to this server.`,
				};
			case "no-server":
				return {
					tone: "bad",
					title: t`Meetings will not work: the server does not answer`,
					lead: t`Look whether other pages open. If they do, ask whoever runs this server.`,
				};
			case "refused":
				return {
					tone: "warn",
					title: t`This cannot be checked just now`,
					lead: problemWords(refusal),
				};
			case "no-browser":
				return {
					tone: "bad",
					title: t`Meetings will not work in this browser`,
					lead: t`It has no WebRTC, or an extension switches it off. Update it, or use another one.`,
				};
			case "no-signal":
				return {
					tone: "bad",
					title: t`Meetings will not work: WebSockets are blocked`,
					lead: t`Ask whoever runs this network to let WebSockets through to this site. A work proxy or a filter often holds them.`,
				};
			case "no-media":
				return {
					tone: "bad",
					title: t`Meetings will not work: sound and picture do not get through`,
					lead: t`Ask whoever runs this network to open UDP or TCP to the media port of this server. Another network, such as a phone's, may work at once.`,
				};
			case "no-talk":
				return {
					tone: "bad",
					title: t`Meetings will hardly work: most of what you send is lost`,
					lead: t`Go nearer to the Wi-Fi, use a cable, or take another network. Then check again.`,
				};
		}
	};
}
