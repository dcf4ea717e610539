import type { Peer, Picture, Quality } from "@/call/types";

/** Who is shown in the room, and where. */
export type TilePerson = {
	identity: string;
	name: string | null;
	role: "host" | "co_host" | "speaker" | "attendee" | "viewer";
	is_you: boolean;
	participant_id: string;
};

export type Tile = {
	identity: string;
	participantId: string | null;
	name: string | null;
	isYou: boolean;
	isHost: boolean;
	isSpeaking: boolean;
	isHeard: boolean;
	camera: Picture | null;
	quality: Quality;
};

/**
 * One tile for each person, in the order in which they were first seen, own tile last: nobody moves because
 * somebody speaks. `seen` is the order so far and is given back with the new ones at its end.
 */
export function tilesOf(
	people: readonly TilePerson[],
	peers: readonly Peer[],
	seen: readonly string[],
): { tiles: Tile[]; seen: string[] } {
	const persons = new Map(people.map((person) => [person.identity, person]));
	const media = new Map(peers.map((peer) => [peer.identity, peer]));
	const here = [
		...new Set([...people.map(({ identity }) => identity), ...peers.map(({ identity }) => identity)]),
	];
	const order = [...seen, ...here.filter((identity) => !seen.includes(identity))];
	const tiles = order
		.filter((identity) => persons.has(identity) || media.has(identity))
		.map((identity) => tileOf(identity, persons.get(identity), media.get(identity)));
	return {
		tiles: [...tiles.filter(({ isYou }) => !isYou), ...tiles.filter(({ isYou }) => isYou)],
		seen: order,
	};
}

function tileOf(identity: string, person: TilePerson | undefined, peer: Peer | undefined): Tile {
	return {
		identity,
		participantId: person?.participant_id ?? null,
		name: person?.name ?? peer?.name ?? null,
		isYou: person?.is_you ?? peer?.isYou ?? false,
		isHost: person?.role === "host",
		isSpeaking: peer?.isSpeaking ?? false,
		isHeard: peer?.isHeard ?? false,
		camera: peer?.camera ?? null,
		quality: peer?.quality ?? "unknown",
	};
}

export type Grid = { columns: number; rows: number };

const tileShape = 16 / 10;
const smallestTile = 180;

/** The grid in which each tile is largest, without making tiles too small to read: then the grid scrolls. */
export function gridFor(count: number, width: number, height: number): Grid {
	if (count <= 1 || width <= 0 || height <= 0) return { columns: 1, rows: 1 };
	let best: Grid = { columns: 1, rows: count };
	let bestSize = 0;
	const most = Math.max(1, Math.min(count, Math.floor(width / smallestTile)));
	for (let columns = 1; columns <= most; columns += 1) {
		const rows = Math.ceil(count / columns);
		const tileWidth = width / columns;
		const size = Math.min(tileWidth, (height / rows) * tileShape);
		if (size > bestSize) {
			bestSize = size;
			best = { columns, rows };
		}
	}
	return best;
}

/** Whose screen takes the stage: the first who shares keeps it. */
export function stageOf(peers: readonly Peer[]): Peer | null {
	return peers.find(({ screen, isYou }) => screen && !isYou) ?? peers.find(({ screen }) => screen) ?? null;
}
