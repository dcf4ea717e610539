import { createStore } from "@/lib/store";

/**
 * The meeting in a small window that stays on top: a document of its own where the browser has that, else the
 * picture of whoever is large.
 */
type DocumentPip = { requestWindow: (size: { width: number; height: number }) => Promise<Window> };

const documentPip = () => (globalThis as { documentPictureInPicture?: DocumentPip }).documentPictureInPicture;

export const pipWindow = createStore<Window | null>(null);

export const canFloat = () => documentPip() !== undefined || document.pictureInPictureEnabled === true;

export async function floatOut(): Promise<void> {
	try {
		const api = documentPip();
		if (api) await openWindow(api);
		else await floatLargest();
	} catch {
		// The browser opens it only after a press, and says no otherwise.
	}
}

async function openWindow(api: DocumentPip) {
	if (pipWindow.get()) return pipWindow.get()?.close();
	const opened = await api.requestWindow({ width: 360, height: 260 });
	for (const sheet of document.querySelectorAll("link[rel=stylesheet], style"))
		opened.document.head.append(sheet.cloneNode(true));
	opened.document.documentElement.lang = document.documentElement.lang;
	opened.document.title = document.title;
	opened.addEventListener("pagehide", () => pipWindow.set(null));
	pipWindow.set(opened);
}

async function floatLargest() {
	if (document.pictureInPictureElement) return await document.exitPictureInPicture();
	const video = document.querySelector<HTMLVideoElement>("[data-large] video, [data-identity] video");
	await video?.requestPictureInPicture();
}

export function endFloating(): void {
	pipWindow.get()?.close();
	pipWindow.set(null);
}
