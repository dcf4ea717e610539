import type { Way } from "@/call/check-types";

/**
 * Lets connections that are made meanwhile go by one way alone: what the server tells of other ways is not heard. The
 * library makes its connections itself and has no setting for it.
 */
export type WayForced = {
	made: RTCPeerConnection[];
	/** Whether the server has told no such way. Known once it has said where it is. */
	isAbsent: () => boolean;
	/** Connections that are made from now on are as ever. */
	end: () => void;
};

/** The transport of a candidate is its third word (RFC 8839, section 5.1). */
const transportOf = (candidate: string) => candidate.trim().split(/\s+/)[2]?.toLowerCase() ?? "";

export function isOfWay(candidate: string, way: Way): boolean {
	return way === "relay" || transportOf(candidate) === way;
}

/** A description without what leads another way. */
export function onlyWay(sdp: string, way: Way): string {
	const isKept = (line: string) => !line.startsWith("a=candidate:") || isOfWay(line, way);
	return sdp.split("\r\n").filter(isKept).join("\r\n");
}

const hasRelay = (config: RTCConfiguration | undefined) =>
	(config?.iceServers ?? []).some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)));

export function forceWay(way: Way): WayForced {
	const Usual = globalThis.RTCPeerConnection;
	const made: RTCPeerConnection[] = [];
	let isTold = false;
	let isOffered = false;
	class Forced extends Usual {
		constructor(config?: RTCConfiguration) {
			super(config);
			made.push(this);
			isOffered ||= way === "relay" && hasRelay(config);
		}
		override setConfiguration(config?: RTCConfiguration) {
			if (way === "relay") {
				isTold = true;
				isOffered ||= hasRelay(config);
			}
			super.setConfiguration(config);
		}
		override async setRemoteDescription(description: RTCSessionDescriptionInit) {
			const { type, sdp = "" } = description;
			hear(sdp.split("\r\n").filter((line) => line.startsWith("a=candidate:")));
			await super.setRemoteDescription({ type, sdp: onlyWay(sdp, way) });
		}
		override async addIceCandidate(candidate?: RTCIceCandidateInit | null) {
			const line = candidate?.candidate ?? "";
			if (line) hear([line]);
			if (!line || isOfWay(line, way)) await super.addIceCandidate(candidate ?? undefined);
		}
	}
	function hear(candidates: string[]) {
		if (way === "relay" || candidates.length === 0) return;
		isTold = true;
		isOffered ||= candidates.some((line) => isOfWay(line, way));
	}
	globalThis.RTCPeerConnection = Forced as typeof RTCPeerConnection;
	return {
		made,
		isAbsent: () => isTold && !isOffered,
		end() {
			if (globalThis.RTCPeerConnection === (Forced as typeof RTCPeerConnection))
				globalThis.RTCPeerConnection = Usual;
		},
	};
}

type Stats = { id: string; type: string } & Record<string, unknown>;

async function statsOf(made: readonly RTCPeerConnection[]): Promise<Stats[]> {
	const reports = await Promise.all(made.map((each) => each.getStats()));
	return reports.flatMap((report) => [...(report as unknown as Map<string, Stats>).values()]);
}

/** A connection is open some moments before its numbers say by which way. */
const tries = 40;
const againMs = 50;

/** Whether media goes by this way, and not by one that was found all the same. */
export async function isBy(made: readonly RTCPeerConnection[], way: Way): Promise<boolean> {
	for (let count = 0; count < tries; count += 1) {
		const stats = await statsOf(made);
		if (usedBy(stats).some((local) => isLocalOf(local, way))) return true;
		await new Promise((resolve) => setTimeout(resolve, againMs));
	}
	return false;
}

/** This side's ends of what is in use. */
function usedBy(stats: Stats[]): Stats[] {
	const chosen = new Set(stats.map(({ selectedCandidatePairId }) => selectedCandidatePairId).filter(Boolean));
	const pairs = stats.filter(
		({ id, type, state, nominated }) =>
			type === "candidate-pair" && (chosen.has(id) || (state === "succeeded" && nominated === true)),
	);
	return stats.filter(({ id }) => pairs.some((pair) => pair.localCandidateId === id));
}

const isLocalOf = ({ candidateType, protocol }: Stats, way: Way) =>
	way === "relay" ? candidateType === "relay" : protocol === way && candidateType !== "relay";

/** By which ways a relay was reached. */
export async function relaysOf(made: readonly RTCPeerConnection[]): Promise<string[]> {
	const stats = await statsOf(made);
	const relays = stats.filter(
		({ type, candidateType }) => type === "local-candidate" && candidateType === "relay",
	);
	return [...new Set(relays.map(({ relayProtocol }) => String(relayProtocol ?? "")).filter(Boolean))].sort();
}
