/** Initials and a colour for who has no picture. The colour follows from the name, so that a person looks the same at the door, in the room and in the chat. */
export function initialsOf(name: string | null): string {
	const words = (name ?? "").trim().split(/\s+/).filter(Boolean);
	const first = words[0];
	if (!first) return "–";
	// A Chinese, Japanese or Korean name is known by one character; two would be cut by the circle.
	if (/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(first)) return [...first][0] ?? "–";
	const last = words.length > 1 ? words[words.length - 1] : undefined;
	return ([...first][0] ?? "").concat(last ? ([...last][0] ?? "") : "").toUpperCase();
}

export const personColours = 8;

export function colourOf(name: string): number {
	let hash = 2166136261;
	for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
	return (hash >>> 0) % personColours;
}
