/** Writes to the clipboard; a browser that refuses answers with false. Reading happens only in the join field, by a press. */
export async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return false;
	}
}
