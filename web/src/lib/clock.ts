import { useSyncExternalStore } from "react";

/** The present, as a store that ticks each second while somebody looks. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
	listeners.add(listener);
	timer ??= setInterval(() => {
		for (const each of listeners) each();
	}, 1000);
	return () => {
		listeners.delete(listener);
		if (listeners.size === 0) {
			clearInterval(timer);
			timer = undefined;
		}
	};
}

/** Whole seconds since 1970; changes each second. */
export function useSeconds(): number {
	return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / 1000));
}

/** Whole minutes since 1970; a component that shows minutes is not drawn again each second. */
export function useMinute(): Date {
	const minute = useSyncExternalStore(subscribe, () => Math.floor(Date.now() / 60_000));
	return new Date(Math.max(minute * 60_000, Date.now()));
}
