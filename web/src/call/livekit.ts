import {
	ConnectionQuality,
	ConnectionState,
	DisconnectReason,
	type LocalAudioTrack,
	type LocalTrack,
	type LocalTrackPublication,
	LogLevel,
	type Participant,
	type ReconnectPolicy,
	type RemoteTrack,
	Room,
	RoomEvent,
	setLogLevel,
	Track,
	TrackEvent,
	VideoPreset,
	VideoPresets,
	type VideoTrack,
} from "livekit-client";
import { BlurError, type BlurLevel } from "@/call/blur/level";
import { packReaction, reactionTopic, unpackReaction } from "@/call/reactions";
import {
	type DeviceKind,
	type MediaPort,
	type MediaState,
	type OpenMedia,
	type Peer,
	type Picture,
	type Quality,
	ServerFullError,
	type Source,
	sources,
} from "@/call/types";
import { isServerFull } from "@/lib/server-full";

/**
 * The media of a meeting over livekit-client. Nothing is captured before `start`, and `stop` ends the track itself.
 */
const livekitSource: Record<Source, Track.Source> = {
	camera: Track.Source.Camera,
	microphone: Track.Source.Microphone,
	screen: Track.Source.ScreenShare,
};

const browserKind: Record<DeviceKind, MediaDeviceKind> = {
	camera: "videoinput",
	microphone: "audioinput",
	speaker: "audiooutput",
};

const qualities: Record<ConnectionQuality, Quality> = {
	[ConnectionQuality.Excellent]: "good",
	[ConnectionQuality.Good]: "good",
	[ConnectionQuality.Poor]: "poor",
	[ConnectionQuality.Lost]: "lost",
	[ConnectionQuality.Unknown]: "unknown",
};

const changes = [
	RoomEvent.ConnectionStateChanged,
	RoomEvent.Reconnecting,
	RoomEvent.SignalReconnecting,
	RoomEvent.Reconnected,
	RoomEvent.Disconnected,
	RoomEvent.ParticipantConnected,
	RoomEvent.ParticipantDisconnected,
	RoomEvent.ParticipantNameChanged,
	RoomEvent.TrackMuted,
	RoomEvent.TrackUnmuted,
	RoomEvent.TrackSubscribed,
	RoomEvent.TrackUnsubscribed,
	RoomEvent.TrackStreamStateChanged,
	RoomEvent.LocalTrackPublished,
	RoomEvent.LocalTrackUnpublished,
	RoomEvent.ActiveDeviceChanged,
	RoomEvent.MediaDevicesChanged,
	RoomEvent.ConnectionQualityChanged,
	RoomEvent.AudioPlaybackStatusChanged,
] as const;

/**
 * The library keeps what is sent and shown while it tries, so it has the first word; after that the seat is asked.
 * A server that was started again sends it away at once, for its room opens with the seat.
 */
const reconnectPolicy: ReconnectPolicy = {
	nextRetryDelayInMs({ retryCount, elapsedMs }) {
		if (elapsedMs > 20_000) return null;
		const wait = retryCount === 0 ? 300 : 1000;
		return wait / 2 + (wait / 2) * Math.random();
	},
};

/**
 * For so long after it has begun anew the library never tells of what happens: who comes then would be neither seen nor
 * heard. (livekit-client 2.23 keeps events while `pendingReconnect`, two seconds longer than it says.)
 */
const UNTOLD_SECONDS = 4;

/** For rooms of many, where each is a small tile: fewer frames, so that a laptop shows all of them without effort. */
const smallest = new VideoPreset(320, 180, 120_000, 15);

export const openMedia: OpenMedia = async () => {
	setLogLevel(LogLevel.error);
	const room = new Room({
		adaptiveStream: true,
		dynacast: true,
		reconnectPolicy,
		stopLocalTrackOnUnpublish: true,
		publishDefaults: {
			simulcast: true,
			videoSimulcastLayers: [smallest, VideoPresets.h360],
			stopMicTrackOnMute: true,
			dtx: true,
			red: true,
		},
	});
	const listeners = new Set<() => void>();
	const changed = () => {
		for (const listener of [...listeners]) listener();
	};
	for (const event of changes) room.on(event, changed);
	room.on(RoomEvent.TrackSubscribed, playSound);
	room.on(RoomEvent.TrackUnsubscribed, endSound);
	room.on(RoomEvent.Reconnected, () => {
		for (let second = 1; second <= UNTOLD_SECONDS; second += 1) setTimeout(catchUp, second * 1000);
	});
	const catchUp = () => {
		for (const { trackPublications } of room.remoteParticipants.values())
			for (const { track } of trackPublications.values()) if (track) playSound(track);
		changed();
	};
	let ending: MediaState | null = null;
	room.on(RoomEvent.Disconnected, (reason) => {
		ending = reason === DisconnectReason.DUPLICATE_IDENTITY ? "elsewhere" : "lost";
		changed();
	});
	const failed = new Set<Source>();
	room.on(RoomEvent.LocalTrackPublished, ({ track, source }) => {
		const which = sources.find((each) => livekitSource[each] === source);
		if (!which || !track) return;
		failed.delete(which);
		track.on(TrackEvent.Ended, () => failed.add(which));
	});
	const ownTrack = (source: Source) =>
		room.localParticipant.getTrackPublication(livekitSource[source])?.track as LocalTrack | undefined;
	async function startCamera(device: { deviceId: string } | undefined, level: BlurLevel) {
		const you = room.localParticipant;
		const before = ownTrack("camera");
		// What is blurred is a track of its own: it is sent once it is blurred, and not sent again as anything else.
		if (before && (level !== "off" || before.getProcessor())) await you.unpublishTrack(before);
		if (level === "off") return await you.setCameraEnabled(true, device);
		const processor = await openBlur(level, () => {
			const track = ownTrack("camera");
			// What never began is said by who began it.
			if (!track) return;
			failed.add("camera");
			track.stop();
			you.setCameraEnabled(false).then(changed, changed);
		});
		return await you.setCameraEnabled(true, { ...device, processor });
	}

	const port: MediaPort = {
		async connect(url, token) {
			ending = null;
			try {
				await room.connect(url, token);
			} catch (error) {
				throw (await isServerFull(url, token))
					? new ServerFullError("the server is full", { cause: error })
					: error;
			}
		},
		async move() {
			// By this name alone the library lets its signal line be given up. It resumes, and its ICE is restarted.
			if (room.state === ConnectionState.Connected) await room.simulateScenario("signal-reconnect");
		},
		async leave() {
			await room.disconnect(true);
		},
		async start(source, deviceId, blur) {
			failed.delete(source);
			const you = room.localParticipant;
			const device = deviceId ? { deviceId } : undefined;
			if (source === "camera") await startCamera(device, blur);
			else if (source === "microphone") await you.setMicrophoneEnabled(true, device);
			else await you.setScreenShareEnabled(true, { audio: true, selfBrowserSurface: "exclude" });
		},
		async stop(source) {
			const you = room.localParticipant;
			// The light goes out first, whatever the line to the server does.
			const track = ownTrack(source);
			if (track) deviceOf(track).stop();
			if (source === "camera") await you.setCameraEnabled(false);
			else if (source === "microphone") await you.setMicrophoneEnabled(false);
			else await you.setScreenShareEnabled(false);
		},
		state: () => stateOf(room.state, ending),
		// Before it was let in for the first time, the library's own part is nobody.
		peers: () =>
			[room.localParticipant, ...room.remoteParticipants.values()]
				.filter(({ identity }) => identity !== "")
				.map(peerOf),
		speakers: () => room.activeSpeakers.map(({ identity }) => identity),
		inUse(source) {
			const track = ownTrack(source);
			if (!track) return null;
			const device = deviceOf(track);
			return { id: device.getSettings().deviceId ?? "", name: device.label };
		},
		hasFailed: (source) => failed.has(source),
		track: (source) => ownTrack(source)?.mediaStreamTrack ?? null,
		choose: async (kind, deviceId) => void (await room.switchActiveDevice(browserKind[kind], deviceId)),
		async quieten(on) {
			const track = ownTrack("microphone") as LocalAudioTrack | undefined;
			return track ? await filterNoise(track, on) : true;
		},
		react: (emoji) =>
			room.localParticipant.publishData(packReaction(emoji), { reliable: false, topic: reactionTopic }),
		onReaction(listener) {
			room.on(RoomEvent.DataReceived, (payload, from, _kind, topic) => {
				const emoji = topic === reactionTopic ? unpackReaction(payload) : null;
				if (emoji && from) listener(from.identity, emoji);
			});
		},
		onSpeakers: (listener) => void room.on(RoomEvent.ActiveSpeakersChanged, listener),
		isSoundBlocked: () => !room.canPlaybackAudio,
		allowSound: () => room.startAudio(),
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
	return port;
};

function stateOf(state: ConnectionState, ending: MediaState | null): MediaState {
	switch (state) {
		case ConnectionState.Connected:
			return "connected";
		case ConnectionState.Connecting:
			return "connecting";
		case ConnectionState.Reconnecting:
		case ConnectionState.SignalReconnecting:
			return "reconnecting";
		case ConnectionState.Disconnected:
			return ending ?? "idle";
	}
}

function peerOf(participant: Participant): Peer {
	const microphone = participant.getTrackPublication(Track.Source.Microphone);
	return {
		identity: participant.identity,
		name: participant.name || null,
		isYou: participant.isLocal,
		isHeard: microphone !== undefined && !microphone.isMuted,
		camera: pictureIn(participant, Track.Source.Camera),
		screen: pictureIn(participant, Track.Source.ScreenShare),
		cameraWaits: waitsIn(participant, Track.Source.Camera),
		screenWaits: waitsIn(participant, Track.Source.ScreenShare),
		quality: qualities[participant.connectionQuality],
	};
}

/** The device itself, before anything was done to its picture or sound. */
function deviceOf(track: LocalTrack): MediaStreamTrack {
	const filter = track.getProcessor() as { source?: MediaStreamTrack } | undefined;
	return filter?.source ?? track.mediaStreamTrack;
}

async function openBlur(level: Exclude<BlurLevel, "off">, onFail: () => void) {
	const { BackgroundBlur } = await import("@/call/blur/blur").catch((cause) => {
		throw new BlurError("the blur could not be fetched", { cause });
	});
	return new BackgroundBlur(level, onFail);
}

const pictures = new WeakMap<VideoTrack, Picture>();

function pictureIn(participant: Participant, source: Track.Source): Picture | null {
	const publication = participant.getTrackPublication(source);
	if (!publication || publication.isMuted || hasEnded(publication as LocalTrackPublication)) return null;
	const track = publication.videoTrack;
	if (!track) return null;
	const known = pictures.get(track);
	if (known) return known;
	const picture: Picture = {
		id: publication.trackSid,
		// Through the library, so that it sees how large the picture is shown and asks for no more than that.
		attach: (element) => void track.attach(element),
		detach: (element) => void track.detach(element),
	};
	pictures.set(track, picture);
	return picture;
}

function waitsIn(participant: Participant, source: Track.Source): boolean {
	return participant.getTrackPublication(source)?.track?.streamState === Track.StreamState.Paused;
}

function hasEnded(publication: { track?: { mediaStreamTrack: MediaStreamTrack } }): boolean {
	return publication.track?.mediaStreamTrack.readyState === "ended";
}

function playSound(track: Track) {
	if (track.kind === Track.Kind.Audio && track.attachedElements.length === 0) track.attach();
}

function endSound(track: RemoteTrack) {
	if (track.kind === Track.Kind.Audio) for (const element of track.detach()) element.remove();
}

async function filterNoise(track: LocalAudioTrack, on: boolean): Promise<boolean> {
	if (!on) await track.stopProcessor();
	if (!on || track.getProcessor()) return true;
	try {
		const { doesFilter, filterAudio, NoiseFilter } = await import("@/call/noise");
		if (!(await doesFilter())) return false;
		track.setAudioContext(filterAudio());
		await track.setProcessor(new NoiseFilter());
		return true;
	} catch {
		return false;
	}
}
