/** What a check needs from whoever carries the media, in words that do not depend on the carrier. */
export type Way = "udp" | "tcp" | "relay";

export type OpenLine = {
	/** Milliseconds until media could go. */
	ms: number;
	/** By which ways a relay was reached. */
	relays: readonly string[];
	close: () => Promise<void>;
};

/** `absent`: the server does not offer this way. */
export type Tried =
	| { isSignalled: false }
	| { isSignalled: true; kind: "open"; line: OpenLine }
	| { isSignalled: true; kind: "failed" | "absent" };

/** What became of packets like those of a voice, there and back. */
export type Talk = {
	/** 0 to 1. */
	loss: number;
	tripMs: number;
	/** How much one packet's trip differs from the next one's. */
	jitterMs: number;
	/** Whether both connections stayed open all the time. */
	wasSteady: boolean;
};

export type Lines = {
	/** Connects so that media can go by this way alone. */
	open: (url: string, token: string, way: Way) => Promise<Tried>;
	/** Sends through the server and hears it again, for some seconds. Null if nothing came. */
	talk: (pass: { url: string; sender: string; hearer: string }, way: Way) => Promise<Talk | null>;
};
