import { describe, expect, test } from "vitest";
import type { Seat } from "@/api/types";
import type { Call, CallView } from "@/call/call";
import { createSession } from "@/call/session";
import type { Heard } from "@/lib/events";
import { createStore } from "@/lib/store";

const permits = { camera: false, microphone: false, screen: false, data: true };
const rights = { microphone: true, camera: true, screen: true, chat: true };
const seatWith = (part: Partial<Seat>): Seat => ({
	participant_id: "par",
	identity: "you",
	name: "Lin",
	role: "attendee",
	status: "admitted",
	media: { url: "ws://x", token: "t", room: "r" },
	conversation_id: "cnv",
	permits,
	rights,
	hand_raised: false,
	policy: { version: 1, accepted: true },
	started_at: null,
	room_stream: "room",
	...part,
});

function setUp(joined: Seat) {
	const acts: string[] = [];
	const view = createStore<CallView>({
		connection: "idle",
		isFull: false,
		peers: [],
		devices: { camera: { kind: "off" }, microphone: { kind: "off" }, screen: { kind: "off" } },
		permits,
		rights,
		invited: null,
		isQuiet: false,
		notice: null,
		isSoundBlocked: false,
	});
	const setConnection = (connection: CallView["connection"], isFull = false) =>
		view.update((now) => ({ ...now, connection, isFull }));
	const call: Call = {
		view,
		connect: async () => {
			acts.push("connect");
			setConnection("connected");
		},
		press: () => {},
		answer: async () => {},
		begin: async (wanted) => void acts.push(`begin ${wanted.join("+") || "nothing"}`),
		prefer: () => {},
		takeBack: async () => {},
		applyPermits: () => void acts.push("permits"),
		applyRights: () => {},
		speaking: createStore(new Set<string>()),
		speaker: createStore<string | null>(null),
		reactions: createStore([]),
		invite: (source) => void acts.push(`invite ${source}`),
		answerInvitation: async () => {},
		choose: async () => {},
		track: () => null,
		inUse: () => null,
		quieten: async () => {},
		blurWish: createStore<"off">("off"),
		blur: async () => {},
		react: () => {},
		allowSound: () => {},
		dismissNotice: () => {},
		move: () => {},
		leave: async () => void acts.push("leave"),
	};
	const watched = new Map<string, (heard: Heard) => void>();
	const timers: (() => void)[] = [];
	const waits: number[] = [];
	const server = { seat: joined, fails: null as unknown, answers: true };
	const rejoin = {
		seat: null as Seat | null,
		names: [] as (string | null)[],
		policies: [] as (number | undefined)[],
	};
	const session = createSession({
		call,
		events: {
			watch: (stream, listener) => {
				watched.set(stream, listener);
				return () => watched.delete(stream);
			},
		},
		timers: {
			after: (ms, run) => {
				waits.push(ms);
				timers.push(run);
				return () => void (timers.includes(run) && timers.splice(timers.indexOf(run), 1));
			},
			random: () => 1,
		},
		answers: async () => server.answers,
		join: async (name, { policy }) => {
			rejoin.names.push(name);
			rejoin.policies.push(policy);
			return rejoin.seat ?? server.seat;
		},
		seat: async () => {
			if (server.fails) throw server.fails;
			return server.seat;
		},
		leave: async () => void acts.push("tell the server"),
		accept: async (version) => seatWith({ policy: { version, accepted: true } }),
		onPeople: () => void acts.push("people"),
		onMeeting: () => void acts.push("meeting"),
		onMessage: (_, message) => void acts.push(`message ${message}`),
		onMessages: (conversation) => void acts.push(`messages ${conversation}`),
	});
	const tell = (stream: string, kind: string, ids: Record<string, string> = {}) =>
		watched.get(stream)?.({ type: "event", event: { stream, seq: 1, kind, at: "", ids } });
	const settle = () => new Promise((done) => setTimeout(done));
	return { session, rejoin, acts, watched, timers, waits, server, tell, settle, setConnection };
}

describe("a visit", () => {
	test("goes straight in when the door is open, with what was tried at the door", async () => {
		const { session, acts, watched } = setUp(seatWith({}));
		await session.join("Lin", ["camera"]);
		expect(session.phase.get().kind).toBe("inside");
		expect(acts).toEqual(["permits", "connect", "begin camera"]);
		expect([...watched.keys()]).toEqual(["room", "par", "cnv"]);
	});

	test("waits with nothing on, and enters when let in", async () => {
		const { session, acts, server, tell, settle, watched } = setUp(
			seatWith({ status: "waiting", media: null }),
		);
		await session.join("Ben", ["camera"]);
		expect(session.phase.get().kind).toBe("waiting");
		expect([...watched.keys()]).toEqual(["par"]);
		expect(acts).toEqual([]);
		server.seat = seatWith({});
		tell("par", "seat.changed");
		await settle();
		expect(session.phase.get().kind).toBe("inside");
		expect(acts).toContain("begin nothing");
	});

	test("looks at the seat by itself while it waits", async () => {
		const { session, server, timers, settle } = setUp(seatWith({ status: "waiting", media: null }));
		await session.join("Ben", []);
		server.seat = seatWith({ status: "denied", media: null });
		timers[0]?.();
		await settle();
		expect(session.phase.get()).toEqual({ kind: "closed", ending: "denied" });
	});

	test("being taken out closes the room and the devices", async () => {
		const { session, server, tell, settle, acts, watched } = setUp(seatWith({}));
		await session.join("Lin", []);
		server.seat = seatWith({ status: "removed", media: null });
		tell("room", "seat.changed");
		await settle();
		expect(session.phase.get()).toEqual({ kind: "closed", ending: "removed" });
		expect(acts.at(-1)).toBe("leave");
		expect(watched.size).toBe(0);
	});

	test("the end for everyone is the end here", async () => {
		const { session, tell, settle } = setUp(seatWith({}));
		await session.join("Lin", []);
		tell("room", "meeting.ended");
		await settle();
		expect(session.phase.get()).toEqual({ kind: "closed", ending: "ended" });
	});

	test("events say what to fetch again", async () => {
		const { session, tell, acts, watched } = setUp(seatWith({}));
		await session.join("Lin", []);
		acts.length = 0;
		tell("cnv", "message.sent");
		tell("room", "people.changed");
		tell("room", "meeting.changed");
		expect(acts).toEqual(["messages cnv", "people", "meeting"]);
		acts.length = 0;
		watched.get("room")?.({ type: "gap" });
		expect(acts).toEqual(["people", "messages cnv"]);
	});

	test("finds the way back when the media broke", async () => {
		const { session, acts, timers, setConnection, settle } = setUp(seatWith({}));
		await session.join("Lin", []);
		acts.length = 0;
		setConnection("lost");
		expect(timers).toHaveLength(1);
		timers[0]?.();
		await settle();
		expect(acts).toEqual(["permits", "connect", "begin nothing"]);
	});

	test("a full server is left in peace for a while, or until a press", async () => {
		const { session, acts, waits, timers, setConnection, settle } = setUp(seatWith({}));
		await session.join("Lin", []);
		acts.length = 0;
		// The line is lost first; why is known a moment later.
		setConnection("lost");
		setConnection("lost", true);
		expect(timers).toHaveLength(1);
		expect(waits.at(-1)).toBeGreaterThanOrEqual(10_000);
		await session.refresh();
		await settle();
		expect(acts).toEqual(["permits", "connect", "begin nothing"]);
		expect(timers).toHaveLength(0);
	});

	test("asks for its seat only once the server answers again", async () => {
		const { session, acts, server, timers, setConnection, settle } = setUp(seatWith({}));
		await session.join("Lin", []);
		acts.length = 0;
		server.answers = false;
		setConnection("lost");
		for (let tries = 0; tries < 3; tries += 1) {
			expect(timers).toHaveLength(1);
			timers.shift()?.();
			await settle();
		}
		expect(acts).toEqual([]);
		server.answers = true;
		timers.shift()?.();
		await settle();
		expect(acts).toEqual(["permits", "connect", "begin nothing"]);
		expect(timers).toHaveLength(0);
	});

	test("a seat that is gone means that the meeting is", async () => {
		const { session, server, settle } = setUp(seatWith({}));
		await session.join("Lin", []);
		server.fails = { code: "not_found", status: 404, params: {} };
		await session.refresh();
		await settle();
		expect(session.phase.get()).toEqual({ kind: "closed", ending: "ended" });
	});

	test("a page loaded again goes on inside, with everything off", async () => {
		const { session, acts, settle } = setUp(seatWith({}));
		await session.resume();
		await settle();
		expect(session.phase.get().kind).toBe("inside");
		expect(acts).toEqual(["permits", "connect", "begin nothing"]);
	});

	test("a page loaded again takes its seat anew where the server saw it leave", async () => {
		const { session, server, acts, settle, rejoin } = setUp(seatWith({ status: "left", media: null }));
		rejoin.seat = seatWith({});
		await session.resume();
		await settle();
		expect([rejoin.names, rejoin.policies]).toEqual([["Lin"], [1]]);
		expect(acts).toEqual(["permits", "connect", "begin nothing"]);
		expect(server.seat.status).toBe("left");
	});

	test("a page loaded again agrees to nothing that it has not shown", async () => {
		const policy = { version: 2, accepted: false };
		const { session, settle, rejoin } = setUp(seatWith({ status: "left", media: null, policy }));
		await session.resume();
		await settle();
		expect(rejoin.policies).toEqual([undefined]);
	});

	test("a leave that arrives late takes nobody out who is back", async () => {
		const { session, server, tell, settle, rejoin } = setUp(seatWith({}));
		await session.resume();
		await settle();
		rejoin.seat = seatWith({});
		server.seat = seatWith({ status: "left", media: null });
		tell("par", "seat.changed");
		await settle();
		expect(session.phase.get().kind).toBe("inside");
		tell("par", "seat.changed");
		await settle();
		expect(session.phase.get()).toEqual({ kind: "closed", ending: "left" });
	});

	test("whose seat is gone stays at the door", async () => {
		const { session, server } = setUp(seatWith({}));
		server.fails = { code: "not_found", status: 404, params: {} };
		await session.resume();
		expect(session.phase.get()).toEqual({ kind: "door" });
	});

	test("leaving tells the server", async () => {
		const { session, acts } = setUp(seatWith({}));
		await session.join("Lin", []);
		await session.leave();
		expect(session.phase.get()).toEqual({ kind: "closed", ending: "left" });
		expect(acts.slice(-2)).toEqual(["leave", "tell the server"]);
	});

	test("a host's wish is handed on, of a device only", async () => {
		const { session, acts, tell } = setUp(seatWith({}));
		await session.join("Lin", []);
		tell("par", "seat.asked", { source: "microphone" });
		tell("par", "seat.asked", { source: "screen" });
		expect(acts.filter((act) => act.startsWith("invite"))).toEqual(["invite microphone"]);
	});

	test("whoever is put back waits with everything off", async () => {
		const { session, acts, server, tell, settle } = setUp(seatWith({}));
		await session.join("Lin", []);
		server.seat = seatWith({ status: "waiting", media: null });
		tell("par", "seat.changed");
		await settle();
		expect(session.phase.get().kind).toBe("waiting");
		expect(acts.at(-1)).toBe("leave");
	});

	test("a page whose seat went to another one does not fight for it, and takes it by a press", async () => {
		const { session, acts, setConnection, settle } = setUp(seatWith({}));
		await session.join("Lin", []);
		setConnection("elsewhere");
		await settle();
		expect(session.phase.get()).toEqual({ kind: "closed", ending: "elsewhere" });
		expect(acts).not.toContain("tell the server");
		expect(acts.filter((act) => act === "connect")).toHaveLength(1);
		await session.comeHere();
		expect(session.phase.get().kind).toBe("inside");
		expect(acts.filter((act) => act === "connect")).toHaveLength(2);
	});

	test("a look at the seat that was under way does not bring back a page that was sent away", async () => {
		const { session, acts, setConnection, settle } = setUp(seatWith({}));
		await session.join("Lin", []);
		const looking = session.refresh();
		setConnection("elsewhere");
		await looking;
		await settle();
		expect(session.phase.get()).toEqual({ kind: "closed", ending: "elsewhere" });
		expect(acts.filter((act) => act === "connect")).toHaveLength(1);
	});

	test("what the meeting keeps is accepted by a press", async () => {
		const { session } = setUp(seatWith({ policy: { version: 2, accepted: false } }));
		await session.join("Lin", []);
		await session.accept(2);
		expect(session.phase.get()).toMatchObject({ seat: { policy: { version: 2, accepted: true } } });
	});
});
