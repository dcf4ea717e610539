import {
	type Area,
	capacityOf,
	gap,
	gridOf,
	type Rect,
	splitOf,
	stripCapacityOf,
	stripOf,
} from "@/call/places";
import type { Tile } from "@/call/tiles";

/** Who and what is shown where, from the choice of the one who looks. */
export const layoutModes = ["auto", "grid", "speaker"] as const;
export type LayoutMode = (typeof layoutModes)[number];
export const selfViews = ["grid", "floating", "hidden"] as const;
export type SelfView = (typeof selfViews)[number];

export const mostPins = 3;

export type Wish = {
	mode: LayoutMode;
	/** Identities that this person holds large. */
	pins: readonly string[];
	page: number;
	self: SelfView;
	/** Which of several shared screens is large; null is all of them, side by side. */
	screen: string | "first" | null;
};

export type Placed = { key: string; kind: "face" | "screen"; tile: Tile; rect: Rect; isLarge: boolean };

export type Arrangement = {
	kind: "grid" | "speaker" | "pinned" | "spotlight" | "presenting";
	placed: readonly Placed[];
	page: number;
	pages: number;
	/** Shown apart, where the person put it. */
	floating: Tile | null;
	screens: readonly Tile[];
};

type Face = { tile: Tile; kind: "face" | "screen" };

export function arrange(tiles: readonly Tile[], speaker: string | null, wish: Wish, area: Area): Arrangement {
	const screens = tiles.filter(({ screen }) => screen);
	const you = tiles.find(({ isYou }) => isYou);
	const others = tiles.filter(({ isYou }) => !isYou);
	const isAlone = others.length === 0;
	// Of two, the other has the place.
	const floats =
		wish.self === "floating" || (wish.self === "grid" && others.length === 1 && wish.mode !== "grid");
	const floating = you && !isAlone && floats && wish.self !== "hidden" ? you : null;
	const own = you && (isAlone || wish.self === "grid") && !floating ? [you] : [];
	const { kind, large, rest } = choose({ screens, others, own, speaker, wish });
	const common = { floating, screens };
	if (large.length === 0) {
		const faces: Face[] = [
			...(wish.mode === "grid" ? screens.map((tile): Face => ({ tile, kind: "screen" })) : []),
			...rest.map((tile): Face => ({ tile, kind: "face" })),
		];
		const { shown, page, pages } = pageOf(faces, own[0], capacityOf(area), wish.page);
		const rects = gridOf(shown.length, area);
		return { ...common, kind, page, pages, placed: place(shown, rects, false) };
	}
	if (rest.length === 0)
		return { ...common, kind, page: 0, pages: 1, placed: place(large, gridOf(large.length, area), true) };
	const { main, strip, stripAt } = splitOf(area);
	const faces = rest.map((tile): Face => ({ tile, kind: "face" }));
	const paged = pageOf(faces, own[0], stripCapacityOf(strip), wish.page);
	const { page, pages } = paged;
	const shown = kind === "presenting" ? withSpeaker(paged.shown, faces, speaker) : paged.shown;
	const rects = stripOf(shown.length, strip).map((rect) => ({
		...rect,
		x: rect.x + stripAt.x,
		y: rect.y + stripAt.y,
	}));
	return {
		...common,
		kind,
		page,
		pages,
		placed: [...place(large, largeRects(large, main), true), ...place(shown, rects, false)],
	};
}

type Choice = {
	screens: readonly Tile[];
	others: readonly Tile[];
	own: readonly Tile[];
	speaker: string | null;
	wish: Wish;
};

function choose({ screens, others, own, speaker, wish }: Choice): {
	kind: Arrangement["kind"];
	large: Face[];
	rest: readonly Tile[];
} {
	const pinned = [...others, ...own].filter(({ identity }) => wish.pins.includes(identity));
	const all = [...others, ...own];
	// One's own pins win over what a host shows, and so does the wish to see everyone the same size.
	const isShown = pinned.length === 0 && wish.mode !== "grid";
	const spotlit = isShown ? all.filter(({ spotlight }) => spotlight !== null) : [];
	spotlit.sort((one, other) => (one.spotlight ?? 0) - (other.spotlight ?? 0));
	const held = pinned.length > 0 ? pinned : spotlit;
	if (screens.length > 0 && wish.mode !== "grid") {
		const chosen =
			wish.screen === null
				? screens
				: [screens.find(({ identity }) => identity === wish.screen) ?? firstOf(screens)];
		const large = chosen.flatMap((tile): Face[] => (tile ? [{ tile, kind: "screen" }] : []));
		const rest = [...held, ...all.filter((tile) => !held.includes(tile))];
		return { kind: "presenting", large, rest };
	}
	const large =
		held.length > 0
			? held
			: wish.mode === "speaker" && others.length > 1
				? [others.find(({ identity }) => identity === speaker) ?? others[0]]
				: [];
	if (large.length === 0) return { kind: "grid", large: [], rest: all };
	return {
		kind: pinned.length > 0 ? "pinned" : spotlit.length > 0 ? "spotlight" : "speaker",
		large: large.flatMap((tile): Face[] => (tile ? [{ tile, kind: "face" }] : [])),
		rest: all.filter((tile) => !large.includes(tile)),
	};
}

/** One's own screen is the last that one needs to see. */
const firstOf = (screens: readonly Tile[]) => screens.find(({ isYou }) => !isYou) ?? screens[0];

/** One page of faces. Oneself is on the first one, last, so that one always knows how one is seen. */
function pageOf(faces: readonly Face[], own: Tile | undefined, capacity: number, wished: number) {
	const pages = Math.max(1, Math.ceil(faces.length / capacity));
	const page = Math.min(Math.max(0, wished), pages - 1);
	if (pages === 1) return { shown: faces, page, pages };
	const mine = faces.filter(({ tile, kind }) => tile === own && kind === "face");
	const rest = faces.filter((face) => !mine.includes(face));
	const ordered = [...rest.slice(0, capacity - mine.length), ...mine, ...rest.slice(capacity - mine.length)];
	return { shown: ordered.slice(page * capacity, (page + 1) * capacity), page, pages };
}

/** Beside a shared screen the one who speaks is seen, whatever page they are on: in the last place but one's own. */
function withSpeaker(shown: readonly Face[], all: readonly Face[], speaker: string | null): readonly Face[] {
	const face = all.find(({ tile }) => tile.identity === speaker);
	if (!face || shown.includes(face)) return shown;
	const last = shown.findLastIndex(({ tile }) => !tile.isYou);
	return shown.map((each, at) => (at === last ? face : each));
}

const keyOf = ({ tile, kind }: Face) => (kind === "screen" ? `screen:${tile.identity}` : tile.identity);

function place(faces: readonly Face[], rects: readonly Rect[], isLarge: boolean): Placed[] {
	return faces.flatMap((face, at) => {
		const rect = rects[at];
		return rect ? [{ key: keyOf(face), ...face, rect, isLarge }] : [];
	});
}

/** A slide's usual shape, by which the place of several is shared out. */
const slide = 16 / 10;

/** A screen is shown whole, so its frame takes all the place; faces keep the shape of faces. */
function largeRects(large: readonly Face[], area: Area): Rect[] {
	if (large.every(({ kind }) => kind === "face")) return gridOf(large.length, area);
	const frame = (columns: number, rows: number) => {
		const width = (area.width - (columns - 1) * gap) / columns;
		const height = (area.height - (rows - 1) * gap) / rows;
		return { columns, width, height, shown: Math.min(width, height * slide) };
	};
	const [beside, below] = [frame(large.length, 1), frame(1, large.length)];
	// Beside each other they are compared more easily; below each other only where that shows much more.
	const { columns, width, height } = below.shown > 1.25 * beside.shown ? below : beside;
	return large.map((_, at) => ({
		x: (at % columns) * (width + gap),
		y: Math.floor(at / columns) * (height + gap),
		width,
		height,
	}));
}
