/** Where rectangles go: the arithmetic of the stage, in pixels. */
export type Rect = { x: number; y: number; width: number; height: number };
export type Area = { width: number; height: number };

export const gap = 10;
const widest = 16 / 9;
const smallest = { width: 150, height: 88 };
const mostOfAPage = 49;

/** Faces are neither slices nor stripes; where the place itself is upright they may be a little upright too. */
const narrowestIn = ({ width, height }: Area) => (width > height ? 1.2 : 0.62);

const countIn = (length: number, least: number) => Math.max(1, Math.floor((length + gap) / (least + gap)));

/** How many tiles a page holds while each can still be read. */
export function capacityOf({ width, height }: Area): number {
	return Math.min(mostOfAPage, countIn(width, smallest.width) * countIn(height, smallest.height));
}

/** The grid in which each tile is largest, in the middle of its place; the last row is centred. */
export function gridOf(count: number, area: Area): Rect[] {
	if (count < 1) return [];
	// Three in an upright place: one above, two below.
	if (count === 3 && area.width < area.height && area.width >= 2 * smallest.width + gap) return threeOf(area);
	let best = sizeFor(1, count, area);
	for (let columns = 2; columns <= count; columns += 1) {
		const next = sizeFor(columns, count, area);
		if (next.width * next.height > best.width * best.height) best = next;
	}
	const { columns, rows, width, height } = best;
	const top = (area.height - rows * height - (rows - 1) * gap) / 2;
	return Array.from({ length: count }, (_, at) => {
		const row = Math.floor(at / columns);
		const inRow = Math.min(columns, count - row * columns);
		const left = (area.width - inRow * width - (inRow - 1) * gap) / 2;
		return { x: left + (at % columns) * (width + gap), y: top + row * (height + gap), width, height };
	});
}

function sizeFor(columns: number, count: number, area: Area) {
	const rows = Math.ceil(count / columns);
	const cellWidth = (area.width - (columns - 1) * gap) / columns;
	const cellHeight = (area.height - (rows - 1) * gap) / rows;
	return {
		columns,
		rows,
		width: Math.max(0, Math.min(cellWidth, cellHeight * widest)),
		height: Math.max(0, Math.min(cellHeight, cellWidth / narrowestIn(area))),
	};
}

function threeOf(area: Area): Rect[] {
	const half = (area.width - gap) / 2;
	const small = Math.min(half / 1.1, (area.height - gap) * 0.36);
	const large = Math.min(area.height - gap - small, area.width / narrowestIn(area));
	const top = (area.height - large - gap - small) / 2;
	const below = top + large + gap;
	return [
		{ x: 0, y: top, width: area.width, height: large },
		{ x: 0, y: below, width: half, height: small },
		{ x: half + gap, y: below, width: half, height: small },
	];
}

export type Split = { main: Area; strip: Area; stripAt: { x: number; y: number } };

/** What is large, and the strip beside or below it. */
export function splitOf({ width, height }: Area): Split {
	// A strip at the side costs no height, which a wide and low place has none to give of.
	if (width > height * 1.7) {
		const side = Math.min(240, Math.max(smallest.width, width * 0.19));
		const main = { width: width - side - gap, height };
		return { main, strip: { width: side, height }, stripAt: { x: width - side, y: 0 } };
	}
	const low = Math.min(width < height ? height * 0.24 : 130, Math.max(smallest.height, height * 0.3));
	const main = { width, height: height - low - gap };
	return { main, strip: { width, height: low }, stripAt: { x: 0, y: height - low } };
}

export function stripCapacityOf({ width, height }: Area): number {
	// A phone's strip has room for three that stand upright.
	if (width > height) return countIn(width, Math.max(110, height * (width < 600 ? 0.75 : 1.5)));
	return countIn(height, width / 1.6);
}

/** One row or one column. */
export function stripOf(count: number, { width, height }: Area): Rect[] {
	if (count < 1) return [];
	if (width > height) {
		const each = Math.min(height * widest, (width - (count - 1) * gap) / count);
		const left = (width - count * each - (count - 1) * gap) / 2;
		return Array.from({ length: count }, (_, at) => ({
			x: left + at * (each + gap),
			y: 0,
			width: each,
			height,
		}));
	}
	const each = Math.min(width / 1.5, (height - (count - 1) * gap) / count);
	const top = (height - count * each - (count - 1) * gap) / 2;
	return Array.from({ length: count }, (_, at) => ({
		x: 0,
		y: top + at * (each + gap),
		width,
		height: each,
	}));
}
