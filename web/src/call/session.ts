import type { Seat } from "@/api/types";
import type { Call } from "@/call/call";
import type { Source } from "@/call/types";
import type { Events, Heard } from "@/lib/events";
import { problemOf } from "@/lib/problem";
import { createStore, type Store } from "@/lib/store";
import type { Timers } from "@/lib/timers";
import { createWayBack } from "@/lib/way-back";

/** One visit to one meeting: from the door, by the lobby, into the room, and out. */
export type Ending = "left" | "ended" | "denied" | "removed" | "banned" | "elsewhere" | "erased";

export type Phase =
	| { kind: "door" }
	| { kind: "waiting"; seat: Seat }
	| { kind: "inside"; seat: Seat }
	| { kind: "closed"; ending: Ending };

/** What one brings to the door beside a name: `policy` is the version of what is kept that one was shown. */
export type Knock = { passcode?: string; policy?: number };

export type SessionPorts = {
	join: (name: string | null, knock: Knock) => Promise<Seat>;
	seat: () => Promise<Seat>;
	leave: () => Promise<void>;
	accept: (version: number) => Promise<Seat>;
	call: Call;
	events: Pick<Events, "watch">;
	timers: Timers;
	/** Whether anybody is there to ask. */
	answers: () => Promise<boolean>;
	onPeople: () => void;
	onMeeting: () => void;
	/** Something was written; after a gap, anything may have changed. */
	onMessages: (conversationId: string, news: "sent" | "gap") => void;
	/** One message was edited or deleted. */
	onMessage: (conversationId: string, messageId: string) => void;
};

export type Session = {
	phase: Pick<Store<Phase>, "get" | "subscribe">;
	join: (name: string | null, wanted: readonly Source[], knock?: Knock) => Promise<void>;
	/** A page that was inside and was loaded again goes on there, with everything off. */
	resume: () => Promise<void>;
	/** Takes the seat back from the page that has it now. */
	comeHere: () => Promise<void>;
	/** Accepts what the meeting keeps from now on. */
	accept: (version: number) => Promise<void>;
	/** Looks at the seat again: after an event, or because the media said good-bye. */
	refresh: () => Promise<void>;
	leave: () => Promise<void>;
	close: (ending: Ending) => Promise<void>;
};

const lookAgainMs = 5000;
/** A full server is asked again after so long, and by chance up to as long again: not by all at once. */
const fullAgainMs = 10_000;

export function createSession(ports: SessionPorts): Session {
	const { call, events, timers } = ports;
	const wayBack = createWayBack(ports.answers, timers);
	const phase = createStore<Phase>({ kind: "door" });
	const watched = new Map<string, () => void>();
	let wanted: readonly Source[] = [];
	let cancelTimer = () => {};
	let mayTakeAnew = false;

	let before = call.view.get();
	call.view.subscribe(() => {
		const { connection, isFull } = call.view.get();
		if (connection === before.connection && isFull === before.isFull) return;
		before = call.view.get();
		if (connection === "connected") wayBack.arrived();
		if (phase.get().kind !== "inside") return;
		if (connection === "lost") comeBack();
		// Two pages must not take the seat from each other in turns: this one waits to be pressed.
		if (connection === "elsewhere") void close("elsewhere");
	});

	function watch(streams: readonly string[]) {
		for (const [stream, release] of watched) {
			if (streams.includes(stream)) continue;
			release();
			watched.delete(stream);
		}
		for (const stream of streams) if (!watched.has(stream)) watched.set(stream, events.watch(stream, hear));
	}

	function hear(heard: Heard) {
		const now = phase.get();
		if (now.kind !== "inside" && now.kind !== "waiting") return;
		const { conversation_id } = now.seat;
		if (heard.type === "refused") return void refresh();
		if (heard.type === "gap") {
			ports.onPeople();
			ports.onMessages(conversation_id, "gap");
			return void refresh();
		}
		const { kind, ids } = heard.event;
		if (kind === "meeting.ended") void close("ended");
		else if (kind === "message.sent") ports.onMessages(conversation_id, "sent");
		else if (kind === "message.changed") ports.onMessage(conversation_id, ids.message_id ?? "");
		else if (kind === "people.changed") ports.onPeople();
		else if (kind === "seat.asked") {
			if (ids.source === "microphone" || ids.source === "camera") call.invite(ids.source);
		} else if (kind === "meeting.changed") {
			ports.onMeeting();
			void refresh();
		} else if (kind === "seat.changed" || kind === "permission.changed") {
			ports.onPeople();
			void refresh();
		}
	}

	async function take(seat: Seat) {
		cancelTimer();
		wayBack.cancel();
		switch (seat.status) {
			case "waiting":
				watch([seat.participant_id]);
				if (phase.get().kind === "inside") await call.leave();
				phase.set({ kind: "waiting", seat });
				// The event is the fast way; this one works without it.
				cancelTimer = timers.after(lookAgainMs, () => void refresh());
				return;
			case "admitted":
				return await enter(seat);
			case "denied":
			case "removed":
			case "banned":
				return await close(seat.status);
			case "left":
				return await close("left");
		}
	}

	async function enter(seat: Seat) {
		watch([seat.room_stream, seat.participant_id, seat.conversation_id].filter((each) => each !== null));
		const wasInside = phase.get().kind === "inside";
		phase.set({ kind: "inside", seat });
		// Why a gate is shut is known from the rights.
		call.applyRights(seat.rights);
		call.applyPermits(seat.permits);
		const { connection } = call.view.get();
		if (!seat.media || (wasInside && connection !== "lost" && connection !== "idle")) return;
		try {
			await call.connect(seat.media);
			const begin = wanted;
			wanted = [];
			await call.begin(begin);
		} catch {
			// The view says that it is lost, and the way back begins there.
		}
	}

	/** The media broke for good: ask for the seat, which says whether there is a way back, and take it. */
	function comeBack() {
		cancelTimer();
		wayBack.cancel();
		if (call.view.get().isFull)
			cancelTimer = timers.after(fullAgainMs * (1 + timers.random()), () => void refresh());
		else wayBack.begin(() => void refresh());
	}

	/** To load a page again is to leave it first; the server may see that before this page asks, or after. */
	async function seatOrAnew(): Promise<Seat> {
		const seat = await ports.seat();
		if (seat.status !== "left" || !mayTakeAnew) return seat;
		mayTakeAnew = false;
		// What was agreed to before; the room asks about the rest.
		const { accepted, version } = seat.policy;
		return await ports.join(seat.name, accepted ? { policy: version } : {});
	}

	async function refresh() {
		const now = phase.get().kind;
		if (now !== "waiting" && now !== "inside") return;
		try {
			const seat = await seatOrAnew();
			// Who was sent away meanwhile stays away until they press.
			if (phase.get().kind !== "closed") await take(seat);
		} catch (error) {
			const { code } = problemOf(error);
			if (code === "not_found") await close("ended");
			else if (code === "forbidden" || code === "unauthenticated") await close("removed");
			else comeBack();
		}
	}

	async function close(ending: Ending) {
		if (phase.get().kind === "closed") return;
		cancelTimer();
		wayBack.cancel();
		watch([]);
		phase.set({ kind: "closed", ending });
		await call.leave();
	}

	return {
		phase,
		async join(name, devices, knock = {}) {
			const seat = await ports.join(name, knock);
			// Who waits has nothing on; the yes at the door was for a meeting that had not opened.
			wanted = seat.status === "admitted" ? devices : [];
			await take(seat);
		},
		async resume() {
			mayTakeAnew = true;
			try {
				const seat = await seatOrAnew();
				if (seat.status === "admitted" || seat.status === "waiting") void take(seat);
			} catch {
				// The door says what is wrong.
			}
		},
		async comeHere() {
			if (phase.get().kind !== "closed") return;
			await take(await ports.seat());
		},
		async accept(version) {
			await take(await ports.accept(version));
		},
		refresh,
		async leave() {
			await close("left");
			await ports.leave().catch(() => {
				// The server sees by itself that nobody is there any more.
			});
		},
		close,
	};
}
