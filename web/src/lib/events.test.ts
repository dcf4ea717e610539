import { describe, expect, test } from "vitest";
import { createEvents, type Heard, type SocketLike } from "@/lib/events";
import type { Timers } from "@/lib/timers";

type FakeSocket = SocketLike & { sent: unknown[]; hear: (message: unknown) => void; isClosed: boolean };

function setUp() {
	const sockets: FakeSocket[] = [];
	const waiting: { ms: number; run: () => void }[] = [];
	const timers: Timers = {
		after: (ms, run) => {
			const entry = { ms, run };
			waiting.push(entry);
			return () => void (waiting.includes(entry) && waiting.splice(waiting.indexOf(entry), 1));
		},
		random: () => 1,
	};
	const server = { answers: true };
	const events = createEvents(
		() => {
			const socket: FakeSocket = {
				sent: [],
				isClosed: false,
				send: (text) => void socket.sent.push(JSON.parse(text)),
				close: () => {
					socket.isClosed = true;
				},
				hear: (message) => socket.onmessage?.({ data: JSON.stringify(message) }),
				onopen: null,
				onmessage: null,
				onclose: null,
			};
			sockets.push(socket);
			return socket;
		},
		timers,
		async () => server.answers,
	);
	const runTimer = async (isWanted: (ms: number) => boolean) => {
		const entry = waiting.find(({ ms }) => isWanted(ms));
		if (!entry) throw new Error("no such timer");
		waiting.splice(waiting.indexOf(entry), 1);
		entry.run();
		await Promise.resolve();
		await Promise.resolve();
	};
	const last = () => {
		const socket = sockets.at(-1);
		if (!socket) throw new Error("no socket");
		return socket;
	};
	const heard: Heard[] = [];
	return {
		events,
		server,
		sockets,
		last,
		waiting,
		runTimer,
		heard,
		listen: (what: Heard) => void heard.push(what),
	};
}

const event = (stream: string, seq: number) => ({
	event: { stream, seq, kind: "message.sent", at: "", ids: {} },
});
const seen = (heard: Heard[]) => heard.map((each) => (each.type === "event" ? each.event.seq : each.type));

describe("the event socket", () => {
	test("opens with the first stream and tells all that are watched", () => {
		const { events, sockets, last, listen } = setUp();
		expect(sockets).toHaveLength(0);
		events.watch("a", listen);
		last().onopen?.();
		events.watch("b", listen);
		expect(sockets).toHaveLength(1);
		expect(last().sent).toEqual([
			{ watch: [{ stream: "a", after: null }] },
			{
				watch: [
					{ stream: "a", after: null },
					{ stream: "b", after: null },
				],
			},
		]);
	});

	test("hands events on in order, each once", () => {
		const { events, last, listen, heard } = setUp();
		events.watch("a", listen);
		last().onopen?.();
		last().hear({ watching: [{ stream: "a", last: 4 }], refused: [] });
		for (const seq of [5, 6, 6, 3, 7]) last().hear(event("a", seq));
		expect(seen(heard)).toEqual([5, 6, 7]);
	});

	test("says gap before an event that came after a hole", () => {
		const { events, last, listen, heard } = setUp();
		events.watch("a", listen);
		last().onopen?.();
		last().hear({ watching: [{ stream: "a", last: 4 }] });
		last().hear(event("a", 7));
		expect(seen(heard)).toEqual(["gap", 7]);
	});

	test("says gap, and counts anew, when the server cannot give what was missed", () => {
		const { events, last, listen, heard } = setUp();
		events.watch("a", listen);
		last().onopen?.();
		last().hear({ watching: [{ stream: "a", last: 9 }] });
		last().hear({ watching: [{ stream: "a", last: 4, gap: true }] });
		last().hear(event("a", 5));
		expect(seen(heard)).toEqual(["gap", 5]);
	});

	test("comes back with the last number of each stream", async () => {
		const { events, sockets, last, listen, runTimer } = setUp();
		events.watch("a", listen);
		last().onopen?.();
		last().hear({ watching: [{ stream: "a", last: 4 }] });
		last().hear(event("a", 5));
		last().onclose?.({ code: 1006 });
		expect(events.link.get()).toBe("waiting");
		await runTimer((ms) => ms === 300);
		expect(sockets).toHaveLength(2);
		last().onopen?.();
		expect(last().sent).toEqual([{ watch: [{ stream: "a", after: 5 }] }]);
	});

	test("asks whether the server answers, a second apart at most, and opens nothing until it does", async () => {
		const { events, server, sockets, last, listen, runTimer, waiting } = setUp();
		events.watch("a", listen);
		server.answers = false;
		last().onclose?.({ code: 4503 });
		const waits: number[] = [];
		for (let tries = 0; tries < 5; tries += 1) {
			waits.push(waiting.at(-1)?.ms ?? 0);
			await runTimer((ms) => ms <= 1000);
		}
		expect(waits).toEqual([300, 600, 1000, 1000, 1000]);
		expect(sockets).toHaveLength(1);
		server.answers = true;
		await runTimer((ms) => ms <= 1000);
		expect(sockets).toHaveLength(2);
	});

	test("asks less often when the server is away for longer", async () => {
		const { events, server, last, listen, runTimer, waiting } = setUp();
		events.watch("a", listen);
		server.answers = false;
		last().onclose?.({ code: 4503 });
		for (let tries = 0; tries < 60; tries += 1) await runTimer((ms) => ms <= 1000);
		expect(waiting.map(({ ms }) => ms)).toEqual([5000]);
	});

	test("does not come back by itself when the session is over", () => {
		const { events, sockets, last, listen, waiting } = setUp();
		events.watch("a", listen);
		last().onopen?.();
		last().onclose?.({ code: 4401 });
		expect(events.link.get()).toBe("signed-out");
		expect(waiting).toHaveLength(0);
		events.reopen();
		expect(sockets).toHaveLength(2);
	});

	test("answers a ping, and takes a line that is silent for dead", async () => {
		const { events, sockets, last, listen, runTimer } = setUp();
		events.watch("a", listen);
		last().onopen?.();
		last().hear({ ping: 7 });
		expect(last().sent).toContainEqual({ pong: 7 });
		const first = last();
		await runTimer((ms) => ms === 45_000);
		expect(first.isClosed).toBe(true);
		await runTimer((ms) => ms === 300);
		expect(sockets).toHaveLength(2);
	});

	test("stops watching what nobody listens to", () => {
		const { events, last, listen, heard } = setUp();
		const release = events.watch("a", listen);
		events.watch("b", listen);
		last().onopen?.();
		release();
		expect(last().sent.at(-1)).toEqual({ watch: [{ stream: "b", after: null }] });
		last().hear(event("a", 1));
		expect(heard).toEqual([]);
	});

	test("tells when the server refuses a stream", () => {
		const { events, last, listen, heard } = setUp();
		events.watch("a", listen);
		last().onopen?.();
		last().hear({ watching: [], refused: ["a"] });
		expect(seen(heard)).toEqual(["refused"]);
	});
});

describe("a check of the line", () => {
	async function open() {
		const all = setUp();
		all.events.watch("a", all.listen);
		all.last().onopen?.();
		const check = all.events.check();
		expect(all.last().sent.at(-1)).toEqual({ ping: 1 });
		const beLate = () => all.runTimer((ms) => ms === 800);
		return { ...all, check, beLate };
	}

	test("an answer, or anything else that is heard, is enough", async () => {
		const { sockets, last, check } = await open();
		last().hear({ pong: 1 });
		expect(await check).toBe(false);
		expect(sockets).toHaveLength(1);
	});

	test("where the line is silent and the server answers, another line is taken", async () => {
		const { sockets, check, beLate } = await open();
		await beLate();
		expect(await check).toBe(true);
		expect(sockets).toHaveLength(2);
		expect(sockets[0]?.isClosed).toBe(true);
	});

	test("where nobody answers at all, the line is kept: it may only be cut", async () => {
		const { sockets, server, check, beLate } = await open();
		server.answers = false;
		await beLate();
		expect(await check).toBe(false);
		expect(sockets).toHaveLength(1);
	});
});
