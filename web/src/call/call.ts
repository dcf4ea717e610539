import type { Rights } from "@/api/types";
import type { BlurLevel } from "@/call/blur/level";
import { createReactions, type Emoji, type Reactions } from "@/call/reactions";
import { createSpeakerHold, type SpeakerHold } from "@/call/speaker";
import {
	type DeviceKind,
	type MediaPort,
	type MediaState,
	type OpenMedia,
	type Peer,
	type Refusal,
	refusalOf,
	ServerFullError,
	type Source,
	sources,
} from "@/call/types";
import { createStore, type Store } from "@/lib/store";
import { browserTimers, type Timers } from "@/lib/timers";

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
	/** A host stopped it. */
	| { kind: "muted"; source: Source }
	/** The device ended by itself. */
	| { kind: "gone"; source: Source }
	/** The browser took another device when the first one went away. */
	| { kind: "moved"; source: Source; to: string }
	/** A right was taken away, is missing at a press, or was given back. */
	| { kind: "held"; source: Source }
	| { kind: "given"; source: Source }
	| { kind: "noisy" };

export type Invited = Exclude<Source, "screen">;

export type CallView = {
	connection: MediaState;
	/** The server was full at the last try to come in. */
	isFull: boolean;
	peers: readonly Peer[];
	devices: Record<Source, Device>;
	/** This meeting's yes, as the server has it. */
	permits: Permits;
	/** What this person may do here, as the meeting and its hosts have it. */
	rights: Rights;
	/** What a host asks this person to switch on. */
	invited: Invited | null;
	notice: Notice | null;
	isQuiet: boolean;
	isSoundBlocked: boolean;
};

export type CallPorts = {
	openMedia: OpenMedia;
	/** Tells the server this meeting's yes, or shuts its gate. Gives back what is permitted from then on. */
	permit: (source: Source, on: boolean) => Promise<Permits>;
	timers?: Timers;
	/** How the camera's background is to look, as the person wished it last. */
	blur?: Store<BlurLevel>;
};

export type Call = {
	view: Pick<Store<CallView>, "get" | "subscribe">;
	/** The identities of who speaks, told apart from the view: it changes often, and few look. */
	speaking: Pick<Store<ReadonlySet<string>>, "get" | "subscribe">;
	speaker: SpeakerHold["held"];
	reactions: Reactions["shown"];
	blurWish: Pick<Store<BlurLevel>, "get" | "subscribe">;
	connect: (media: { url: string; token: string }) => Promise<void>;
	press: (source: Source) => void;
	answer: (source: Source, yes: boolean) => Promise<void>;
	/** A yes that was given at the door, by the button that joined. */
	begin: (wanted: readonly Source[]) => Promise<void>;
	/** A host asks; nothing comes on by that. After a no in this sitting it is not shown again. */
	invite: (source: Invited) => void;
	answerInvitation: (yes: boolean) => Promise<void>;
	prefer: (source: Source, deviceId: string | null) => void;
	choose: (kind: DeviceKind, deviceId: string) => Promise<void>;
	track: (source: Source) => MediaStreamTrack | null;
	inUse: (source: Source) => string | null;
	quieten: (on: boolean) => Promise<void>;
	/** A camera that is on goes off for as long as it takes, so that nobody sees what was to be blurred. */
	blur: (level: BlurLevel) => Promise<void>;
	react: (emoji: Emoji) => void;
	takeBack: (source: Source) => Promise<void>;
	applyPermits: (permits: Permits) => void;
	applyRights: (rights: Rights) => void;
	allowSound: () => void;
	dismissNotice: () => void;
	/** Goes on from another network: the same session on new lines, and what is on stays on. */
	move: () => void;
	leave: () => Promise<void>;
};

const off: Device = { kind: "off" };
const none: Permits = { camera: false, microphone: false, screen: false };
const everything: Rights = { microphone: true, camera: true, screen: true, chat: true };

export function createCall(ports: CallPorts): Call {
	const { openMedia, permit, timers = browserTimers, blur: blurWish = createStore<BlurLevel>("off") } = ports;
	const view = createStore<CallView>({
		connection: "idle",
		isFull: false,
		peers: [],
		devices: { camera: off, microphone: off, screen: off },
		permits: none,
		rights: everything,
		invited: null,
		notice: null,
		isQuiet: false,
		isSoundBlocked: false,
	});
	const speaking = createStore<ReadonlySet<string>>(new Set());
	const speaker = createSpeakerHold(timers);
	const reactions = createReactions(timers);
	const saidNo = new Set<Invited>();
	let knowsRights = false;
	const inUse = new Map<Source, string>();
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
		const peers = samePeers(view.get().peers, media.peers());
		view.update((now) => ({
			...now,
			connection: media?.state() ?? now.connection,
			peers,
			isSoundBlocked: media?.isSoundBlocked() ?? false,
		}));
		const you = peers.find(({ isYou }) => isYou);
		speaker.keepOnly(new Set(peers.filter(({ isYou }) => !isYou).map(({ identity }) => identity)));
		if (!you || media.state() !== "connected") return;
		followOwnTracks(you);
		followDevices();
	}

	function listen() {
		const identities = media?.speakers() ?? [];
		speaking.set(new Set(identities));
		const you = view.get().peers.find(({ isYou }) => isYou)?.identity;
		speaker.hear(identities.filter((identity) => identity !== you));
	}

	/** A device that went away is followed by another one: that is said, for it is another ear or eye. */
	function followDevices() {
		for (const source of ["camera", "microphone"] as const) {
			const name = device(source).kind === "on" ? media?.inUse(source)?.name : undefined;
			const before = inUse.get(source);
			if (name) inUse.set(source, name);
			else inUse.delete(source);
			if (name && before && name !== before) notify({ kind: "moved", source, to: name });
		}
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
			else notify({ kind: media?.hasFailed(source) ? "gone" : "muted", source });
		}
	}

	/** The server ends the track first and says why after that. */
	function hasJustEnded(source: Source): boolean {
		const { notice } = view.get();
		return (notice?.kind === "muted" || notice?.kind === "gone") && notice.source === source;
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
			inUse.delete(source);
			await media.start(source, preferred.get(source) ?? null, blurWish.get());
			setDevice(source, { kind: "on" });
			if (source === "microphone" && view.get().isQuiet) await quieten(true);
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

	/** Wished for while the microphone is off, it is tried when it comes on; and then it is said if it cannot be. */
	async function quieten(on: boolean) {
		view.update((now) => ({ ...now, isQuiet: on }));
		if (!media || (await media.quieten(on))) return;
		view.update((now) => ({ ...now, isQuiet: false }));
		notify({ kind: "noisy" });
	}

	async function open(): Promise<MediaPort> {
		const opened = await openMedia();
		opened.onSpeakers(listen);
		opened.onReaction((identity, emoji) => void reactions.show(identity, emoji));
		return opened;
	}

	return {
		view,
		speaking,
		speaker: speaker.held,
		reactions: reactions.shown,
		blurWish,
		async connect({ url, token }) {
			// Back after the line was lost: what was on goes on by itself. A screen needs a new press.
			const wasOn = sources.filter((source) => device(source).kind === "on");
			for (const source of wasOn) setDevice(source, source === "screen" ? off : { kind: "starting" });
			// Said before anything is waited for, so that nobody else begins to connect meanwhile.
			view.update((now) => ({ ...now, connection: "connecting" }));
			try {
				media ??= await open();
				stopListening();
				stopListening = media.subscribe(look);
				await media.connect(url, token);
				view.update((now) => ({ ...now, isFull: false }));
			} catch (error) {
				for (const source of wasOn) if (source !== "screen") setDevice(source, { kind: "on" });
				view.update((now) => ({ ...now, connection: "lost", isFull: error instanceof ServerFullError }));
				throw error;
			}
			look();
			for (const source of wasOn) if (source !== "screen") await start(source);
		},
		press(source) {
			const { kind } = device(source);
			if (kind === "on") void stop(source);
			else if (!view.get().rights[source]) notify({ kind: "held", source });
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
		invite(source) {
			const { rights } = view.get();
			const { kind } = device(source);
			if (saidNo.has(source) || !rights[source] || kind === "on" || kind === "starting") return;
			view.update((now) => ({ ...now, invited: source }));
		},
		async answerInvitation(yes) {
			const { invited } = view.get();
			view.update((now) => ({ ...now, invited: null }));
			if (!invited) return;
			if (!yes) saidNo.add(invited);
			else if (device(invited).kind !== "on") await start(invited);
		},
		prefer: (source, deviceId) => void preferred.set(source, deviceId),
		async choose(kind, deviceId) {
			if (kind !== "speaker") {
				preferred.set(kind, deviceId);
				inUse.delete(kind);
			}
			await media?.choose(kind, deviceId);
			look();
		},
		track: (source) => media?.track(source) ?? null,
		inUse: (source) => media?.inUse(source)?.id ?? preferred.get(source) ?? null,
		quieten,
		async blur(level) {
			const { kind } = device("camera");
			// What it starts with is decided, and would not be what is said.
			if (kind === "starting") return;
			const isOther = blurWish.get() !== level;
			blurWish.set(level);
			if (kind !== "on" || !isOther) return;
			setDevice("camera", { kind: "starting" });
			await endTrack("camera");
			await start("camera");
		},
		react(emoji) {
			const you = view.get().peers.find(({ isYou }) => isYou);
			// A reaction that is lost on the way is lost: nobody repeats a clap.
			if (you && view.get().rights.chat && reactions.show(you.identity, emoji))
				media?.react(emoji).catch(() => {});
		},
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
				// What a host holds back is shut without the person's doing: their yes stays, and is asked for once.
				if (!view.get().rights[source]) continue;
				saidYes.delete(source);
				if (kind !== "on" && !hasJustEnded(source)) continue;
				setDevice(source, off);
				void endTrack(source);
				notify({ kind: "withdrawn", source });
			}
		},
		applyRights(next) {
			const before = view.get().rights;
			view.update((now) => ({ ...now, rights: next }));
			const lost = sources.filter((source) => before[source] && !next[source]);
			const won = sources.filter((source) => !before[source] && next[source]);
			for (const source of lost) {
				if (view.get().invited === source) view.update((now) => ({ ...now, invited: null }));
				const { kind } = device(source);
				if (kind === "off" || kind === "refused") continue;
				setDevice(source, off);
				void endTrack(source);
			}
			// What one comes in with is no news; of several, the voice is the one that matters.
			const told = (of: readonly Source[]) => (of.includes("microphone") ? "microphone" : of[0]);
			const [held, given] = [told(lost), told(won)];
			if (knowsRights && held) notify({ kind: "held", source: held });
			else if (knowsRights && given) notify({ kind: "given", source: given });
			knowsRights = true;
		},
		allowSound: () => void media?.allowSound(),
		dismissNotice: () => notify(null),
		move: () => void media?.move(),
		async leave() {
			stopListening();
			speaker.end();
			reactions.clear();
			inUse.clear();
			knowsRights = false;
			const leaving = media;
			media = null;
			// Said first: whoever is let in again meanwhile has begun a call of its own.
			view.update((now) => ({
				...now,
				connection: "idle",
				isFull: false,
				peers: [],
				invited: null,
				devices: { camera: off, microphone: off, screen: off },
			}));
			await leaving?.leave();
		},
	};
}

/** What has not changed stays the same object, so that nothing of it is drawn again. */
function samePeers(before: readonly Peer[], next: readonly Peer[]): readonly Peer[] {
	const known = new Map(before.map((peer) => [peer.identity, peer]));
	const kept = next.map((peer) => {
		const old = known.get(peer.identity);
		return old && isSame(old, peer) ? old : peer;
	});
	return kept.length === before.length && kept.every((peer, at) => peer === before[at]) ? before : kept;
}

const isSame = (one: Peer, other: Peer) =>
	(Object.keys(one) as (keyof Peer)[]).every((key) => one[key] === other[key]);
