import type { Lines, Tried, Way } from "../src/call/check-types.ts";

/** Stands in for the lines of a check; the cookie of the world names the ways that are shut. */
const scenarioOf = (): { shut?: Way[] } => {
	const cookie = document.cookie.match(/(?:^|;\s*)mock=([^;]+)/)?.[1];
	return cookie ? JSON.parse(decodeURIComponent(cookie)) : {};
};

const open = async (_url: string, _token: string, way: Way): Promise<Tried> => {
	const isShut = scenarioOf().shut?.includes(way);
	if (isShut) return { isSignalled: true, kind: "failed" };
	const relays = way === "relay" ? ["tcp", "udp"] : [];
	return { isSignalled: true, kind: "open", line: { ms: 180, relays, close: async () => {} } };
};

export const openLines = async (): Promise<Lines> => ({
	open,
	talk: async () => ({ loss: 0, tripMs: 38, jitterMs: 3, wasSteady: true }),
});
