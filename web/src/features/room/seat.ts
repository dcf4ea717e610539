import { createContext, use } from "react";
import type { Seat } from "@/api/types";

/** One's own seat as the server last told it. */
export const SeatContext = createContext<Seat | null>(null);

export function useOwnSeat(): Seat {
	const seat = use(SeatContext);
	if (!seat) throw new Error("a part of the room outside of it");
	return seat;
}
