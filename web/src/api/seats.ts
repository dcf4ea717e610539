import type { QueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import { meetingQuery } from "@/api/queries";
import type { MeetingChange, Seat, SeatRole } from "@/api/types";

/** What hosts and seats ask of a meeting that goes on. */
type Device = "microphone" | "camera" | "screen";

export type PersonAct =
	| { act: "admit" | "deny" | "put-back" | "remove" | "ban" | "unban" | "lower-hand" | "hand-over" }
	| { act: "stop"; source: Device; stay: boolean }
	| { act: "allow"; source: Device }
	| { act: "ask"; source: Exclude<Device, "screen"> }
	| { act: "spotlight"; on: boolean }
	| { act: "role"; role: Exclude<SeatRole, "host"> };

export type MeetingAct = { act: "admit-all" | "lower-hands" } | { act: "mute-all"; stay: boolean };

async function take<T>(answer: Promise<{ data?: T; error?: unknown }>): Promise<T> {
	const { data, error } = await answer;
	if (error) throw error;
	return data as T;
}

export async function changeMeeting(queries: QueryClient, code: string, change: MeetingChange) {
	const asked = client.PATCH("/api/meetings/{code}", { params: { path: { code } }, body: change });
	queries.setQueryData(meetingQuery(code).queryKey, await take(asked));
}

export async function actOnPerson(code: string, participantId: string, wish: PersonAct): Promise<void> {
	const params = { path: { code, participant_id: participantId } };
	const at = "/api/meetings/{code}/people/{participant_id}";
	switch (wish.act) {
		case "stop":
			return void (await take(
				client.POST(`${at}/stop`, { params, body: { source: wish.source, stay: wish.stay } }),
			));
		case "allow":
			return void (await take(client.POST(`${at}/allow`, { params, body: { source: wish.source } })));
		case "ask":
			return void (await take(client.POST(`${at}/ask`, { params, body: { source: wish.source } })));
		case "spotlight":
			return void (await take(client.PUT(`${at}/spotlight`, { params, body: { on: wish.on } })));
		case "role":
			return void (await take(client.PUT(`${at}/role`, { params, body: { role: wish.role } })));
		default:
			return void (await take(client.POST(`${at}/${wish.act}`, { params })));
	}
}

export async function actOnMeeting(code: string, wish: MeetingAct): Promise<void> {
	const params = { path: { code } };
	if (wish.act === "mute-all")
		await take(client.POST("/api/meetings/{code}/mute-all", { params, body: { stay: wish.stay } }));
	else await take(client.POST(`/api/meetings/{code}/${wish.act}`, { params }));
}

export const raiseHand = (code: string, raised: boolean): Promise<Seat> =>
	take(client.PUT("/api/meetings/{code}/seat/hand", { params: { path: { code } }, body: { raised } }));

export const acceptPolicy = (code: string, version: number): Promise<Seat> =>
	take(client.PUT("/api/meetings/{code}/seat/policy", { params: { path: { code } }, body: { version } }));
