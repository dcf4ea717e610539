/** Hands a file that was made in the browser to the person. */
export function downloadText(name: string, text: string, type = "text/plain"): void {
	const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
	downloadFrom(url, name);
	URL.revokeObjectURL(url);
}

export function downloadFrom(url: string, name: string): void {
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
}
