import type { Lines, OpenLine, Talk, Way } from "@/call/check-types";
import { createStore, type Store } from "@/lib/store";

/**
 * Whether meetings work from where this page is: one thing after the other, each with an outcome. Nothing is captured,
 * and nothing of it is kept anywhere.
 */
export const steps = ["server", "browser", "signal", "udp", "tcp", "relay", "talk"] as const;
export type Step = (typeof steps)[number];

/**
 * `absent`: the server does not offer it. `skipped`: what it stands on has failed. `slow`: it works, and one will notice.
 */
export type State = "waiting" | "running" | "good" | "slow" | "failed" | "absent" | "skipped";

export type CheckView = {
	states: Readonly<Record<Step, State>>;
	/** Milliseconds until the server answered. */
	answerMs: number | null;
	/** Milliseconds until media came by a way. */
	waysMs: Readonly<Partial<Record<Way, number>>>;
	/** By which ways a relay is reached. */
	relays: readonly string[];
	talk: Talk | null;
	/** Why the server gave no room for the check. */
	refusal: unknown;
	isOver: boolean;
};

export type Pass = { url: string; sender: string; hearer: string };

export type CheckPorts = {
	/** Milliseconds until the server answers, or null. */
	answer: () => Promise<number | null>;
	canMedia: () => boolean;
	pass: () => Promise<Pass>;
	openLines: () => Promise<Lines>;
};

export type Check = {
	view: Pick<Store<CheckView>, "get" | "subscribe">;
	/** Begins, or begins anew when it is over. */
	run: () => Promise<void>;
};

const ways: readonly Way[] = ["udp", "tcp", "relay"];
/** An answer that takes longer is felt. */
const slowAnswerMs = 1000;

const fresh = (): CheckView => ({
	states: Object.fromEntries(steps.map((step) => [step, "waiting"])) as Record<Step, State>,
	answerMs: null,
	waysMs: {},
	relays: [],
	talk: null,
	refusal: null,
	isOver: false,
});

export function createCheck(ports: CheckPorts): Check {
	const view = createStore<CheckView>(fresh());
	let isRunning = false;

	const say = (step: Step, state: State) =>
		view.update((now) => ({ ...now, states: { ...now.states, [step]: state } }));

	async function reach(): Promise<Pass | null> {
		say("server", "running");
		const answerMs = await ports.answer();
		view.update((now) => ({ ...now, answerMs }));
		if (answerMs === null) {
			say("server", "failed");
			return null;
		}
		try {
			const pass = await ports.pass();
			say("server", answerMs > slowAnswerMs ? "slow" : "good");
			return pass;
		} catch (refusal) {
			view.update((now) => ({ ...now, refusal }));
			say("server", "failed");
			return null;
		}
	}

	async function tryWay(lines: Lines, pass: Pass, way: Way): Promise<OpenLine | null> {
		say(way, "running");
		const tried = await lines.open(pass.url, pass.sender, way);
		if (!tried.isSignalled) {
			say("signal", "failed");
			return null;
		}
		say("signal", "good");
		if (tried.kind !== "open") {
			say(way, tried.kind);
			return null;
		}
		const { ms, relays } = tried.line;
		view.update((now) => ({
			...now,
			waysMs: { ...now.waysMs, [way]: ms },
			relays: way === "relay" ? relays : now.relays,
		}));
		say(way, "good");
		return tried.line;
	}

	async function tryWays(lines: Lines, pass: Pass): Promise<Way | null> {
		let best: Way | null = null;
		say("signal", "running");
		for (const way of ways) {
			const line = await tryWay(lines, pass, way);
			if (view.get().states.signal === "failed") return null;
			if (line) best ??= way;
			await line?.close();
		}
		// What decides is tried once more before it is called shut: a browser that was busy is no network.
		if (best !== null && view.get().states.udp === "failed") {
			const line = await tryWay(lines, pass, "udp");
			if (line) best = "udp";
			await line?.close();
		}
		return best;
	}

	async function talk(lines: Lines, pass: Pass, way: Way) {
		say("talk", "running");
		const heard = (await lines.talk(pass, way)) ?? (await lines.talk(pass, way));
		view.update((now) => ({ ...now, talk: heard }));
		say("talk", talkState(heard));
		// A signal line that broke meanwhile does not stay open.
		if (heard && !heard.wasSteady) say("signal", "slow");
	}

	async function work() {
		const pass = await reach();
		if (!pass) return;
		say("browser", "running");
		if (!ports.canMedia()) return say("browser", "failed");
		say("browser", "good");
		const lines = await ports.openLines();
		const way = await tryWays(lines, pass);
		if (way) await talk(lines, pass, way);
	}

	return {
		view,
		async run() {
			if (isRunning) return;
			isRunning = true;
			view.set(fresh());
			try {
				await work();
			} finally {
				isRunning = false;
				view.update((now) => ({ ...now, states: settled(now.states), isOver: true }));
			}
		},
	};
}

/** What was not come to, or broke on the way, is said so. */
function settled(states: CheckView["states"]): CheckView["states"] {
	const end = (state: State): State =>
		state === "waiting" ? "skipped" : state === "running" ? "failed" : state;
	return Object.fromEntries(steps.map((step) => [step, end(states[step])])) as Record<Step, State>;
}

/** Below these nobody notices anything; above the second ones nobody follows a talk. */
const easy = { loss: 0.03, tripMs: 300, jitterMs: 40 };
const hard = { loss: 0.25, tripMs: 2000, jitterMs: 500 };

export function talkState(talk: Talk | null): State {
	if (!talk) return "failed";
	const within = (most: typeof easy) =>
		talk.loss <= most.loss && talk.tripMs <= most.tripMs && talk.jitterMs <= most.jitterMs;
	return within(easy) ? "good" : within(hard) ? "slow" : "failed";
}

/** What all of it means, in one word. */
export type Verdict =
	| "running"
	| "well"
	| "weak"
	| "only-tcp"
	| "only-relay"
	| "no-server"
	| "refused"
	| "no-browser"
	| "no-signal"
	| "no-media"
	| "no-talk";

export function verdictOf({ states, refusal, isOver }: CheckView): Verdict {
	if (!isOver) return "running";
	if (states.server === "failed") return refusal ? "refused" : "no-server";
	if (states.browser === "failed") return "no-browser";
	if (states.signal === "failed") return "no-signal";
	const way = ways.find((each) => states[each] === "good");
	if (!way) return "no-media";
	if (states.talk === "failed" || states.talk === "skipped") return "no-talk";
	if (way === "tcp") return "only-tcp";
	if (way === "relay") return "only-relay";
	return states.talk === "slow" || states.signal === "slow" || states.server === "slow" ? "weak" : "well";
}

/** For whoever helps: outcomes and numbers, no name, no address. English, so that any helper reads the same. */
export function reportOf(view: CheckView): string {
	const { states, answerMs, waysMs, relays, talk } = view;
	const numbers: Partial<Record<Step, string>> = {
		server: answerMs === null ? "" : `${Math.round(answerMs)} ms`,
		relay: [...relays, ms(waysMs.relay)].filter(Boolean).join(", "),
		udp: ms(waysMs.udp),
		tcp: ms(waysMs.tcp),
		talk: talk
			? `loss ${(talk.loss * 100).toFixed(1)} %, round trip ${Math.round(talk.tripMs)} ms, jitter ${Math.round(talk.jitterMs)} ms`
			: "",
	};
	const lines = steps.map((step) => `${step}: ${states[step]}${numbers[step] ? ` (${numbers[step]})` : ""}`);
	return ["Kloud connection check", `verdict: ${verdictOf(view)}`, ...lines].join("\n");
}

const ms = (value: number | undefined) => (value === undefined ? "" : `${Math.round(value)} ms`);
