/** A meeting's code, written 3-4-3 in lower case: `qjm-wx4t-9kd`. */
const code = /^([a-z0-9]{3})-?([a-z0-9]{4})-?([a-z0-9]{3})$/;

/** What a person typed or pasted, as a code: the bare code with or without hyphens, or a link of this instance. */
export function parseMeetingCode(text: string, origin: string): string | null {
	const trimmed = text.trim();
	const link = trimmed.match(/^(?:https?:\/\/)?([^/\s]+)\/m\/([^/?#\s]+)/i);
	if (link) {
		const [, host, path] = link;
		// A link of another instance is not ours to open.
		return host && path && host.toLowerCase() === new URL(origin).host ? fromCode(path) : null;
	}
	return fromCode(trimmed);
}

function fromCode(text: string): string | null {
	const parts = text.toLowerCase().replace(/\s+/g, "").match(code);
	return parts ? `${parts[1]}-${parts[2]}-${parts[3]}` : null;
}

export function meetingLink(meetingCode: string, origin: string): string {
	return `${origin}/m/${meetingCode}`;
}
