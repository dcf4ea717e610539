/** Somebody whose picture is on the page. */
type Shown = { identity: string; isLarge: boolean };

/** No page shows more. */
const remembered = 49;

/**
 * Whose pictures move while not all can: those that are large, then those who spoke last, then those that move
 * already, so that nothing changes but for a reason.
 */
export function createMoving() {
	let spoke: string[] = [];
	let before: ReadonlySet<string> = new Set();
	return {
		/** Who speaks now, as the one whose picture would be large. */
		hear(speaker: string | null) {
			if (speaker !== null && spoke[0] !== speaker)
				spoke = [speaker, ...spoke.filter((each) => each !== speaker)].slice(0, remembered);
		},
		pick(shown: readonly Shown[], most: number): ReadonlySet<string> {
			const rank = ({ identity, isLarge }: Shown) => {
				if (isLarge) return -1;
				const at = spoke.indexOf(identity);
				if (at >= 0) return at;
				return spoke.length + (before.has(identity) ? 0 : 1);
			};
			const first = [...shown].sort((one, other) => rank(one) - rank(other)).slice(0, most);
			const next = new Set(first.map(({ identity }) => identity));
			if (next.size !== before.size || [...next].some((each) => !before.has(each))) before = next;
			return before;
		},
	};
}
