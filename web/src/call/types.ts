import type { BlurLevel } from "@/call/blur/level";

/** What the call needs from whoever carries the media, in words that do not depend on the carrier. */
export type Source = "camera" | "microphone" | "screen";
export const sources: readonly Source[] = ["camera", "microphone", "screen"];

/** What is chosen in a list of devices. Nobody asks for a loudspeaker, and nothing of it leaves the browser. */
export type DeviceKind = "camera" | "microphone" | "speaker";

/** A moving picture that a video element can show. The same picture is the same object. */
export type Picture = {
	id: string;
	attach: (element: HTMLVideoElement) => void;
	detach: (element: HTMLVideoElement) => void;
};

export type Quality = "good" | "poor" | "lost" | "unknown";

/** Who speaks is told apart from this: it changes many times a second, and everything else hardly ever. */
export type Peer = {
	identity: string;
	name: string | null;
	isYou: boolean;
	isHeard: boolean;
	camera: Picture | null;
	screen: Picture | null;
	/** The picture is on, and does not come now because the way to this page is too thin for it. */
	cameraWaits: boolean;
	screenWaits: boolean;
	quality: Quality;
};

/** `elsewhere`: the same person joined from another page, and this one has made room. */
export type MediaState = "idle" | "connecting" | "connected" | "reconnecting" | "lost" | "elsewhere";

/** The server carries as much as it may and lets nobody new in for a while. Those inside are not hurt by that. */
export class ServerFullError extends Error {
	override name = "ServerFullError";
}

export type MediaPort = {
	/** Throws a `ServerFullError` if that is why. */
	connect: (url: string, token: string) => Promise<void>;
	/** Takes new lines to the server, for the old ones lead nowhere. The session stays. */
	move: () => Promise<void>;
	leave: () => Promise<void>;
	/**
	 * Asks the browser for the device and sends it; a camera's picture only once it is as blurred as it is to be.
	 * Throws what the browser throws, or a `BlurError`.
	 */
	start: (source: Source, deviceId: string | null, blur: BlurLevel) => Promise<void>;
	/** Ends the track itself, so that its light goes out. */
	stop: (source: Source) => Promise<void>;
	state: () => MediaState;
	peers: () => Peer[];
	/** The identities of who speaks, the loudest first. */
	speakers: () => readonly string[];
	/** The device that is on now. A browser may take another one by itself when one is unplugged. */
	inUse: (source: Source) => { id: string; name: string } | null;
	/** Whether the device ended by itself, and not because somebody stopped it. */
	hasFailed: (source: Source) => boolean;
	/** For a level meter. */
	track: (source: Source) => MediaStreamTrack | null;
	/** Uses another device from now on, also while it is on. */
	choose: (kind: DeviceKind, deviceId: string) => Promise<void>;
	/** Filters noise out of the microphone. False if this browser cannot. */
	quieten: (on: boolean) => Promise<boolean>;
	react: (emoji: string) => Promise<void>;
	onReaction: (listener: (identity: string, emoji: string) => void) => void;
	isSoundBlocked: () => boolean;
	allowSound: () => Promise<void>;
	subscribe: (listener: () => void) => () => void;
	onSpeakers: (listener: () => void) => void;
};

export type OpenMedia = () => Promise<MediaPort>;

/** Why a device did not come on, as far as the browser or the server says. */
export type Refusal = "browser" | "missing" | "busy" | "cancelled" | "not_allowed" | "blur" | "server";

export function refusalOf(error: unknown): Refusal {
	// Not every browser has its exceptions of devices descend from Error.
	const name = typeof error === "object" && error !== null && "name" in error ? error.name : "";
	if (name === "NotAllowedError" || name === "SecurityError") return "browser";
	if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
	if (name === "BlurError") return "blur";
	if (name === "NotReadableError" || name === "AbortError") return "busy";
	if (typeof error === "object" && error !== null && "code" in error && error.code === "not_allowed")
		return "not_allowed";
	return "server";
}
