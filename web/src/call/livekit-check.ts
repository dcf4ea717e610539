import { LogLevel, Room, RoomEvent, setLogLevel } from "livekit-client";
import type { Lines, Talk, Tried, Way } from "@/call/check-types";
import { echoOf } from "@/call/echo";
import { forceWay, isBy, relaysOf, type WayForced } from "@/call/force-way";

/** The lines of a check over livekit-client: each is a connection of its own that may use one way alone. */
const patienceMs = 10_000;
/** As a voice does: fifty packets a second, of its size. */
const packetEveryMs = 20;
const packetBytes = 120;
const packets = 200;
/** Whoever is later is as good as lost. */
const lateMs = 1000;
const topic = "kloud.check";

type Connected = { room: Room; forced: WayForced; isSignalled: boolean; isOpen: boolean; ms: number };

async function connect(url: string, token: string, way: Way): Promise<Connected> {
	setLogLevel(LogLevel.silent);
	const forced = forceWay(way);
	try {
		const room = new Room({ reconnectPolicy: { nextRetryDelayInMs: () => null } });
		const result: Connected = { room, forced, isSignalled: false, isOpen: false, ms: 0 };
		const began = performance.now();
		room.on(RoomEvent.SignalConnected, () => {
			result.isSignalled = true;
			// There is nothing to wait for.
			if (forced.isAbsent()) void room.disconnect();
		});
		try {
			await room.connect(url, token, {
				maxRetries: 0,
				peerConnectionTimeout: patienceMs,
				websocketTimeout: patienceMs,
				rtcConfig: way === "relay" ? { iceTransportPolicy: "relay" } : { iceServers: [] },
			});
			result.ms = performance.now() - began;
			result.isOpen = await isBy(forced.made, way);
		} catch {
			// What came about by then says what is wrong.
		}
		return result;
	} finally {
		forced.end();
	}
}

async function open(url: string, token: string, way: Way): Promise<Tried> {
	const { room, forced, isSignalled, isOpen, ms } = await connect(url, token, way);
	const close = async () => room.disconnect();
	if (isOpen) {
		const relays = way === "relay" ? await relaysOf(forced.made) : [];
		return { isSignalled: true, kind: "open", line: { ms, relays, close } };
	}
	await close();
	if (!isSignalled) return { isSignalled: false };
	return { isSignalled: true, kind: forced.isAbsent() ? "absent" : "failed" };
}

const talk: Lines["talk"] = async ({ url, sender, hearer }, way) => {
	const to = await connect(url, sender, way);
	const back = await connect(url, hearer, way);
	try {
		return to.isOpen && back.isOpen ? await echo(to.room, back.room) : null;
	} finally {
		await Promise.all([to.room.disconnect(), back.room.disconnect()]);
	}
};

async function echo(to: Room, back: Room): Promise<Talk | null> {
	const sent: number[] = [];
	const heard = new Map<number, number>();
	let wasSteady = true;
	const broke = () => {
		wasSteady = false;
	};
	for (const room of [to, back])
		for (const event of [
			RoomEvent.SignalReconnecting,
			RoomEvent.Reconnecting,
			RoomEvent.Disconnected,
		] as const)
			room.on(event, broke);
	back.on(RoomEvent.DataReceived, (payload, _from, _kind, about) => {
		if (about !== topic || payload.byteLength < 4) return;
		const number = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
		if (!heard.has(number)) heard.set(number, performance.now());
	});
	for (let number = 0; number < packets; number += 1) {
		const payload = new Uint8Array(packetBytes);
		new DataView(payload.buffer).setUint32(0, number);
		sent.push(performance.now());
		void to.localParticipant.publishData(payload, { reliable: false, topic }).catch(broke);
		await rest(packetEveryMs);
	}
	for (let waited = 0; waited < lateMs && heard.size < packets; waited += packetEveryMs)
		await rest(packetEveryMs);
	return echoOf(sent, heard, wasSteady);
}

const rest = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export const openLines = async (): Promise<Lines> => ({ open, talk });
