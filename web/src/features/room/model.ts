import type { Person } from "@/api/types";
import { type Tile, tilesOf } from "@/call/tiles";
import type { Peer } from "@/call/types";

export type PanelName = "chat" | "people";

/** Remembers who was seen first, so that tiles keep their places for as long as the room is open. */
export function createOrder() {
	let seen: string[] = [];
	return {
		tiles(people: readonly Person[], peers: readonly Peer[]): Tile[] {
			const next = tilesOf(people, peers, seen);
			seen = next.seen;
			return next.tiles;
		},
	};
}
