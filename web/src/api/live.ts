import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { createEvents, type Heard, type SocketLike } from "@/lib/events";

/** The socket of this page, and what each kind of event makes stale. */
function openSocket(): SocketLike {
	const url = new URL("/api/events", location.href);
	url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
	return new WebSocket(url) as SocketLike;
}

export const events = createEvents(openSocket);

globalThis.addEventListener?.("online", () => events.reopen());

const meetings: QueryKey = ["get", "/api/meetings"];
const stale: Record<string, QueryKey[]> = {
	"me.changed": [
		["get", "/api/me"],
		["get", "/api/me/data"],
	],
	"permission.changed": [
		["get", "/api/me/permissions"],
		["get", "/api/me/consents"],
	],
	"sessions.changed": [["get", "/api/me/devices"]],
	"meeting.changed": [meetings],
	"meeting.ended": [meetings],
	"people.changed": [meetings],
	"seat.changed": [meetings],
};

let stopWatching = () => {};
let watchedAccount: string | null = null;

/** Follows the account's own stream while the person is signed in. */
export function followAccount(accountId: string, queries: QueryClient): void {
	if (watchedAccount === accountId) return;
	stopWatching();
	watchedAccount = accountId;
	const refresh = (keys: QueryKey[]) => {
		for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
	};
	stopWatching = events.watch(accountId, (heard: Heard) => {
		if (heard.type === "gap") refresh(Object.values(stale).flat());
		if (heard.type === "event") refresh(stale[heard.event.kind] ?? []);
	});
}

export function stopFollowing(): void {
	stopWatching();
	watchedAccount = null;
	events.close();
}
