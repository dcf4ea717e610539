import type { Person } from "@/api/types";
import type { Peer, Picture, Quality } from "@/call/types";

/** Who is shown in the room, and in which order. */
export type TilePerson = Pick<
	Person,
	"identity" | "name" | "role" | "is_you" | "participant_id" | "hand" | "spotlight"
>;

export type Tile = {
	identity: string;
	participantId: string | null;
	name: string | null;
	isYou: boolean;
	isHost: boolean;
	isHeard: boolean;
	/** The place in the queue of raised hands, from 1. */
	hand: number | null;
	/** The place among those whom a host shows large to everybody, from 1. */
	spotlight: number | null;
	camera: Picture | null;
	screen: Picture | null;
	cameraWaits: boolean;
	screenWaits: boolean;
	quality: Quality;
};

/**
 * Remembers the order for as long as the room is open: as people were first seen, those with a picture before those
 * without. One moves when a camera is switched, never because somebody speaks. A tile that has not changed is the
 * same object as before, and so are all of them together.
 */
export function createTiles() {
	let order: string[] = [];
	let last = new Map<string, Tile>();
	let all: Tile[] = [];
	return (people: readonly TilePerson[], peers: readonly Peer[]): Tile[] => {
		const persons = new Map(people.map((person) => [person.identity, person]));
		const media = new Map(peers.map((peer) => [peer.identity, peer]));
		const known = [...new Set([...order, ...persons.keys(), ...media.keys()])];
		const isSeen = (identity: string) => Boolean(media.get(identity)?.camera);
		order = [...known.filter(isSeen), ...known.filter((identity) => !isSeen(identity))];
		const here = order.filter((identity) => persons.has(identity) || media.has(identity));
		const tiles = here.map((identity) => {
			const tile = tileOf(identity, persons.get(identity), media.get(identity));
			const before = last.get(identity);
			return before && isSame(before, tile) ? before : tile;
		});
		if (tiles.length === all.length && tiles.every((tile, at) => tile === all[at])) return all;
		last = new Map(tiles.map((tile) => [tile.identity, tile]));
		all = tiles;
		return all;
	};
}

const isSame = (one: Tile, other: Tile) =>
	(Object.keys(one) as (keyof Tile)[]).every((key) => one[key] === other[key]);

function tileOf(identity: string, person: TilePerson | undefined, peer: Peer | undefined): Tile {
	return {
		identity,
		participantId: person?.participant_id ?? null,
		name: person?.name ?? peer?.name ?? null,
		isYou: person?.is_you ?? peer?.isYou ?? false,
		isHost: person?.role === "host",
		isHeard: peer?.isHeard ?? false,
		hand: person?.hand ?? null,
		spotlight: person?.spotlight ?? null,
		camera: peer?.camera ?? null,
		screen: peer?.screen ?? null,
		cameraWaits: peer?.cameraWaits ?? false,
		screenWaits: peer?.screenWaits ?? false,
		quality: peer?.quality ?? "unknown",
	};
}
