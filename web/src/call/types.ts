/** What the call needs from whoever carries the media, in words that do not depend on the carrier. */
export type Source = "camera" | "microphone" | "screen";
export const sources: readonly Source[] = ["camera", "microphone", "screen"];

/** A moving picture that a video element can show. The same picture is the same object. */
export type Picture = {
	id: string;
	attach: (element: HTMLVideoElement) => void;
	detach: (element: HTMLVideoElement) => void;
};

export type Quality = "good" | "poor" | "lost" | "unknown";

export type Peer = {
	identity: string;
	name: string | null;
	isYou: boolean;
	isSpeaking: boolean;
	isHeard: boolean;
	camera: Picture | null;
	screen: Picture | null;
	quality: Quality;
};

export type MediaState = "idle" | "connecting" | "connected" | "reconnecting" | "lost";

export type MediaPort = {
	connect: (url: string, token: string) => Promise<void>;
	leave: () => Promise<void>;
	/** Asks the browser for the device and sends it. Throws what the browser throws. */
	start: (source: Source, deviceId: string | null) => Promise<void>;
	/** Ends the track itself, so that its light goes out. */
	stop: (source: Source) => Promise<void>;
	state: () => MediaState;
	peers: () => Peer[];
	isSoundBlocked: () => boolean;
	allowSound: () => Promise<void>;
	subscribe: (listener: () => void) => () => void;
};

export type OpenMedia = () => Promise<MediaPort>;

/** Why a device did not come on, as far as the browser says. */
export type Refusal = "browser" | "missing" | "busy" | "cancelled" | "server";

export function refusalOf(error: unknown): Refusal {
	// Not every browser has its exceptions of devices descend from Error.
	const name = typeof error === "object" && error !== null && "name" in error ? error.name : "";
	if (name === "NotAllowedError" || name === "SecurityError") return "browser";
	if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
	if (name === "NotReadableError" || name === "AbortError") return "busy";
	return "server";
}
