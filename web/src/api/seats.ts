import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { client } from "@/api/client";
import { peopleQuery } from "@/api/queries";
import type { HostedMeeting, MeetingChange, PeopleList, Seat, SeatRole } from "@/api/types";

/** What hosts and seats ask of a meeting that goes on. */
export type PersonAct =
	| { act: "admit" | "deny" | "put-back" | "remove" | "ban" | "unban" | "lower-hand" | "hand-over" }
	| { act: "stop"; source: "microphone" | "camera" | "screen"; stay: boolean }
	| { act: "allow"; source: "microphone" | "camera" | "screen" }
	| { act: "ask"; source: "microphone" | "camera" }
	| { act: "role"; role: Exclude<SeatRole, "host"> };

export type MeetingAct = { act: "admit-all" | "lower-hands" } | { act: "mute-all"; stay: boolean };

type Ask = (path: string, init: object) => Promise<{ data?: unknown; error?: unknown }>;
const ask = client as unknown as Record<"GET" | "POST" | "PUT" | "PATCH", Ask>;

async function take<T>(answer: Promise<{ data?: unknown; error?: unknown }>): Promise<T> {
	const { data, error } = await answer;
	if (error) throw error;
	return data as T;
}

export const seatsQuery = (code: string) => {
	const { queryKey } = peopleQuery(code);
	return queryOptions({
		queryKey,
		queryFn: () => take<PeopleList>(ask.GET("/api/meetings/{code}/people", { params: { path: { code } } })),
	});
};

/** The meeting as its hosts see it, with what they can change. */
export const hostedQuery = (code: string) =>
	queryOptions({
		queryKey: ["get", "/api/meetings/{code}", { params: { path: { code } } }],
		queryFn: () => take<HostedMeeting>(ask.GET("/api/meetings/{code}", { params: { path: { code } } })),
	});

export async function changeMeeting(queries: QueryClient, code: string, change: MeetingChange) {
	const body = await take<HostedMeeting>(
		ask.PATCH("/api/meetings/{code}", { params: { path: { code } }, body: change }),
	);
	queries.setQueryData(hostedQuery(code).queryKey, body);
}

export async function actOnPerson(code: string, participantId: string, { act, ...body }: PersonAct) {
	const params = { path: { code, participant_id: participantId, act } };
	const path = "/api/meetings/{code}/people/{participant_id}/{act}";
	await take(act === "role" ? ask.PUT(path, { params, body }) : ask.POST(path, { params, body }));
}

export async function actOnMeeting(code: string, { act, ...body }: MeetingAct) {
	await take(ask.POST("/api/meetings/{code}/{act}", { params: { path: { code, act } }, body }));
}

export const raiseHand = (code: string, raised: boolean) =>
	take<Seat>(ask.PUT("/api/meetings/{code}/seat/hand", { params: { path: { code } }, body: { raised } }));

export const acceptPolicy = (code: string, version: number) =>
	take<Seat>(ask.PUT("/api/meetings/{code}/seat/policy", { params: { path: { code } }, body: { version } }));
