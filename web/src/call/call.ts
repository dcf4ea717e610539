import {
	type MediaPort,
	type MediaState,
	type OpenMedia,
	type Peer,
	type Refusal,
	refusalOf,
	type Source,
	sources,
} from "@/call/types";
import { createStore, type Store } from "@/lib/store";

/**
 * One person's part in a call, without any framework.
 *
 * Invariant: a device comes on only after `press` and, at its first press in a meeting, after a yes to `answer`;
 * the server's permit is written before the browser is asked; a withdrawn permit ends the track here too.
 */
export type Device =
	| { kind: "off" }
	| { kind: "asking" }
	| { kind: "starting" }
	| { kind: "on" }
	| { kind: "refused"; why: Refusal };

export type Permits = Record<Source, boolean>;

export type Notice =
	| { kind: "withdrawn"; source: Source }
	| { kind: "muted" }
	| { kind: "gone"; source: Source };

export type CallView = {
	connection: MediaState;
	peers: readonly Peer[];
	devices: Record<Source, Device>;
	/** This meeting's yes, as the server has it. */
	permits: Permits;
	notice: Notice | null;
	isSoundBlocked: boolean;
};

export type CallPorts = {
	openMedia: OpenMedia;
	/** Tells the server this meeting's yes, or shuts its gate. Gives back what is permitted from then on. */
	permit: (source: Source, on: boolean) => Promise<Permits>;
};

export type Call = {
	view: Pick<Store<CallView>, "get" | "subscribe">;
	connect: (media: { url: string; token: string }) => Promise<void>;
	press: (source: Source) => void;
	answer: (source: Source, yes: boolean) => Promise<void>;
	/** A yes that was given at the door, by the button that joined. */
	begin: (wanted: readonly Source[]) => Promise<void>;
	prefer: (source: Source, deviceId: string | null) => void;
	takeBack: (source: Source) => Promise<void>;
	applyPermits: (permits: Permits) => void;
	allowSound: () => void;
	dismissNotice: () => void;
	leave: () => Promise<void>;
};

const off: Device = { kind: "off" };
const none: Permits = { camera: false, microphone: false, screen: false };

export function createCall({ openMedia, permit }: CallPorts): Call {
	const view = createStore<CallView>({
		connection: "idle",
		peers: [],
		devices: { camera: off, microphone: off, screen: off },
		permits: none,
		notice: null,
		isSoundBlocked: false,
	});
	const saidYes = new Set<Source>();
	const preferred = new Map<Source, string | null>();
	let media: MediaPort | null = null;
	let stopListening = () => {};

	const permits = () => view.get().permits;
	const setPermits = ({ camera, microphone, screen }: Permits) =>
		view.update((now) => ({ ...now, permits: { camera, microphone, screen } }));
	const device = (source: Source) => view.get().devices[source];
	const setDevice = (source: Source, next: Device) =>
		view.update((now) => ({ ...now, devices: { ...now.devices, [source]: next } }));
	const notify = (notice: Notice | null) => view.update((now) => ({ ...now, notice }));

	function look() {
		if (!media) return;
		const peers = media.peers();
		view.update((now) => ({
			...now,
			connection: media?.state() ?? now.connection,
			peers,
			isSoundBlocked: media?.isSoundBlocked() ?? false,
		}));
		const you = peers.find(({ isYou }) => isYou);
		if (you && media.state() === "connected") followOwnTracks(you);
	}

	/** What ended without a press here: the browser's own stop button, an unplugged device, a host who muted. */
	function followOwnTracks(you: Peer) {
		const sent: Record<Source, boolean> = {
			camera: you.camera !== null,
			microphone: you.isHeard,
			screen: you.screen !== null,
		};
		for (const source of sources) {
			if (device(source).kind !== "on" || sent[source]) continue;
			setDevice(source, off);
			if (source === "screen") void shutGate(source);
			else notify(source === "microphone" ? { kind: "muted" } : { kind: "gone", source });
		}
	}

	/** The server ends the track first and says why after that. */
	function hasJustEnded(source: Source): boolean {
		const { notice } = view.get();
		if (notice?.kind === "muted") return source === "microphone";
		return notice?.kind === "gone" && notice.source === source;
	}

	async function endTrack(source: Source) {
		await media?.stop(source).catch(() => {
			// The track has ended here; a line that is broken will tell the others when it is back.
		});
	}

	async function shutGate(source: Source) {
		setPermits({ ...permits(), [source]: false });
		await permit(source, false).catch(() => {
			// The track has ended here; the server shuts the gate when it is reached again or the seat is left.
		});
	}

	async function start(source: Source) {
		setDevice(source, { kind: "starting" });
		try {
			if (!permits()[source]) setPermits(await permit(source, true));
			saidYes.add(source);
			if (!media) throw new Error("start: the call is not connected");
			await media.start(source, preferred.get(source) ?? null);
			setDevice(source, { kind: "on" });
			look();
		} catch (error) {
			const why = refusalOf(error);
			// To close the browser's own question about the screen is an answer, not a failure.
			setDevice(source, source === "screen" && why === "browser" ? off : { kind: "refused", why });
			if (permits()[source]) await shutGate(source);
		}
	}

	async function stop(source: Source) {
		setDevice(source, off);
		await endTrack(source);
		// A screen is shared once for each yes; a muted microphone keeps this meeting's yes.
		if (source === "screen") await shutGate(source);
		look();
	}

	return {
		view,
		async connect({ url, token }) {
			// Back after the line was lost: what was on goes on by itself. A screen needs a new press.
			const wasOn = sources.filter((source) => device(source).kind === "on");
			for (const source of wasOn) setDevice(source, source === "screen" ? off : { kind: "starting" });
			media ??= await openMedia();
			stopListening();
			stopListening = media.subscribe(look);
			view.update((now) => ({ ...now, connection: "connecting" }));
			try {
				await media.connect(url, token);
			} catch (error) {
				for (const source of wasOn) if (source !== "screen") setDevice(source, { kind: "on" });
				view.update((now) => ({ ...now, connection: "lost" }));
				throw error;
			}
			look();
			for (const source of wasOn) if (source !== "screen") await start(source);
		},
		press(source) {
			const { kind } = device(source);
			if (kind === "on") void stop(source);
			else if (kind === "asking") setDevice(source, off);
			else if (kind !== "starting") {
				if (saidYes.has(source)) void start(source);
				else {
					// One question at a time: the newer press is the one that counts.
					for (const other of sources) if (device(other).kind === "asking") setDevice(other, off);
					setDevice(source, { kind: "asking" });
				}
			}
		},
		async answer(source, yes) {
			if (device(source).kind !== "asking") return;
			if (yes) await start(source);
			else setDevice(source, off);
		},
		async begin(wanted) {
			for (const source of wanted) await start(source);
		},
		prefer: (source, deviceId) => void preferred.set(source, deviceId),
		async takeBack(source) {
			saidYes.delete(source);
			setDevice(source, off);
			await endTrack(source);
			await shutGate(source);
			look();
		},
		applyPermits(next) {
			const before = permits();
			setPermits(next);
			for (const source of sources) {
				const { kind } = device(source);
				if (next[source] || !before[source] || kind === "starting") continue;
				saidYes.delete(source);
				if (kind !== "on" && !hasJustEnded(source)) continue;
				setDevice(source, off);
				void endTrack(source);
				notify({ kind: "withdrawn", source });
			}
		},
		allowSound: () => void media?.allowSound(),
		dismissNotice: () => notify(null),
		async leave() {
			stopListening();
			const leaving = media;
			media = null;
			await leaving?.leave();
			view.update((now) => ({
				...now,
				connection: "idle",
				peers: [],
				devices: { camera: off, microphone: off, screen: off },
			}));
		},
	};
}
