import { createStore } from "@/lib/store";

export type Toast = { id: number; text: string; undo?: () => void };

const shownMs = 6000;
let next = 1;

export const toasts = createStore<readonly Toast[]>([]);

export function dismissToast(id: number): void {
	toasts.update((all) => all.filter((toast) => toast.id !== id));
}

/** Says that something was done; with `undo`, how to take it back. */
export function toast(text: string, undo?: () => void): void {
	const id = next++;
	toasts.update((all) => [...all.slice(-2), { id, text, undo }]);
	setTimeout(() => dismissToast(id), undo ? shownMs * 1.5 : shownMs);
}
