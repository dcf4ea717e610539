import { createStore, type Store } from "@/lib/store";
import { browserTimers, type Timers } from "@/lib/timers";
import { createWayBack, serverAnswers } from "@/lib/way-back";

/**
 * The client's one event socket. It tells which streams somebody watches, hands each event on in order, and after
 * any loss asks for what was missed. It keeps no content: an event says what to fetch again.
 *
 * Invariant: a listener hears every event after the moment it began to watch, or hears `gap` and must fetch anew.
 */
export type StreamEvent = {
	stream: string;
	seq: number;
	kind: string;
	at: string;
	ids: Record<string, string>;
};

export type Heard = { type: "event"; event: StreamEvent } | { type: "gap" } | { type: "refused" };
export type Link = "idle" | "opening" | "open" | "waiting" | "signed-out";

export type SocketLike = {
	send: (text: string) => void;
	close: (code?: number) => void;
	onopen: (() => void) | null;
	onmessage: ((message: { data: unknown }) => void) | null;
	onclose: ((close: { code: number }) => void) | null;
};

export type Events = {
	link: Pick<Store<Link>, "get" | "subscribe">;
	watch: (stream: string, listener: (heard: Heard) => void) => () => void;
	/**
	 * Asks whether this line still leads to the server, and answers whether it had to take a new one. A browser that
	 * changes its network does not notice that its sockets lead nowhere: a minute can pass.
	 */
	check: () => Promise<boolean>;
	/** Opens again at once: after a new sign-in, or when the network came back. */
	reopen: () => void;
	close: () => void;
};

type Watched = { listeners: Set<(heard: Heard) => void>; last: number | null };

/** The server pings every 20 s; two missed pings are a dead line. */
const silenceMs = 45_000;
/** What a lost packet costs when it is sent again, and a little more. */
const checkMs = 800;
const sessionOver = 4401;

export function createEvents(
	open: () => SocketLike,
	timers: Timers = browserTimers,
	answers: () => Promise<boolean> = serverAnswers,
): Events {
	const link = createStore<Link>("idle");
	const streams = new Map<string, Watched>();
	let socket: SocketLike | null = null;
	const wayBack = createWayBack(answers, timers);
	let cancelSilence = () => {};
	let checks = 0;
	let hearAgain = () => {};

	function connect() {
		wayBack.cancel();
		if (socket || streams.size === 0) return;
		link.set("opening");
		const mine = open();
		socket = mine;
		mine.onopen = () => {
			wayBack.arrived();
			link.set("open");
			listenForSilence(mine);
			sendWatch();
		};
		mine.onmessage = ({ data }) => {
			listenForSilence(mine);
			hearAgain();
			if (typeof data === "string") receive(mine, data);
		};
		mine.onclose = ({ code }) => {
			if (socket === mine) lost(code);
		};
	}

	function lost(code: number) {
		cancelSilence();
		socket = null;
		if (code === sessionOver) return link.set("signed-out");
		if (streams.size === 0) return link.set("idle");
		link.set("waiting");
		wayBack.begin(connect);
	}

	function listenForSilence(mine: SocketLike) {
		cancelSilence();
		cancelSilence = timers.after(silenceMs, () => {
			if (socket === mine) drop(mine);
		});
	}

	function drop(mine: SocketLike) {
		mine.onclose = null;
		mine.close();
		lost(0);
	}

	function sendWatch() {
		if (link.get() !== "open") return;
		const watch = [...streams].map(([stream, { last }]) => ({ stream, after: last }));
		socket?.send(JSON.stringify({ watch }));
	}

	function receive(mine: SocketLike, text: string) {
		const message = JSON.parse(text) as {
			ping?: number;
			watching?: { stream: string; last: number; gap?: boolean }[];
			refused?: string[];
			event?: StreamEvent;
		};
		if (message.ping !== undefined) mine.send(JSON.stringify({ pong: message.ping }));
		for (const { stream, last, gap } of message.watching ?? []) {
			const watched = streams.get(stream);
			if (watched && (gap || watched.last === null)) watched.last = last;
			if (gap) tell(stream, { type: "gap" });
		}
		for (const stream of message.refused ?? []) tell(stream, { type: "refused" });
		if (message.event) hear(message.event);
	}

	function hear(event: StreamEvent) {
		const watched = streams.get(event.stream);
		if (!watched) return;
		const { last } = watched;
		if (last !== null && event.seq <= last) return;
		watched.last = event.seq;
		if (last !== null && event.seq > last + 1) tell(event.stream, { type: "gap" });
		tell(event.stream, { type: "event", event });
	}

	function tell(stream: string, heard: Heard) {
		for (const listener of [...(streams.get(stream)?.listeners ?? [])]) listener(heard);
	}

	return {
		link,
		watch(stream, listener) {
			const known = streams.get(stream);
			const watched = known ?? { listeners: new Set(), last: null };
			watched.listeners.add(listener);
			streams.set(stream, watched);
			if (!known) {
				if (socket) sendWatch();
				else if (link.get() === "idle") connect();
			}
			return () => {
				watched.listeners.delete(listener);
				if (watched.listeners.size > 0 || streams.get(stream) !== watched) return;
				streams.delete(stream);
				sendWatch();
			};
		},
		async check() {
			const mine = socket;
			if (!mine || link.get() !== "open") return false;
			const heard = new Promise<"heard">((resolve) => {
				hearAgain = () => resolve("heard");
			});
			const late = new Promise<"late">((resolve) => timers.after(checkMs, () => resolve("late")));
			checks += 1;
			mine.send(JSON.stringify({ ping: checks }));
			if ((await Promise.race([heard, late])) === "heard") return false;
			// Whoever answers first: if it is this line, it was only slow.
			const first = await Promise.race([heard, answers()]);
			if (first !== true || socket !== mine) return false;
			drop(mine);
			connect();
			return true;
		},
		reopen() {
			wayBack.arrived();
			connect();
		},
		close() {
			wayBack.cancel();
			cancelSilence();
			const mine = socket;
			socket = null;
			streams.clear();
			link.set("idle");
			mine?.close(1000);
		},
	};
}
