/** How many pixels our drawings' pixel is, for whoever has set larger letters in the browser. */
export function remScale(): number {
	return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
}
