import { useSyncExternalStore } from "react";
import type { Store } from "@/lib/store";

/** A part of a store: the component is drawn again only when that part has changed. */
export function useSelect<T, P>(store: Pick<Store<T>, "get" | "subscribe">, select: (now: T) => P): P {
	return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
