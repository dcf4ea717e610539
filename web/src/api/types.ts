import type { paths } from "@/api/schema";

type Success<R> = R extends { 200: { content: { "application/json": infer T } } }
	? T
	: R extends { 201: { content: { "application/json": infer T } } }
		? T
		: R extends { 202: { content: { "application/json": infer T } } }
			? T
			: never;

type Answer<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends { responses: infer R }
	? Success<R>
	: never;

export type Instance = Answer<"/api/instance", "get">;
export type Officer = NonNullable<Instance["officer"]>;
export type Me = Answer<"/api/me", "get">;
export type Language = Me["language"];
export type Theme = Me["theme"];
export type NewAccount = Answer<"/api/accounts", "post">;
export type PasswordStrength = Answer<"/api/password-strength", "post">;
export type Device = Answer<"/api/me/devices", "get">["devices"][number];
export type PermissionList = Answer<"/api/me/permissions", "get">;
export type Permission = PermissionList["permissions"][number];
export type PermissionClass = Permission["class"];
export type DataValue = Answer<"/api/me/data", "get">["values"][number];
export type Openings = Answer<"/api/me/data/openings", "get">;
export type Consents = Answer<"/api/me/consents", "get">;
export type Consent = Consents["consents"][number];
export type Export = Answer<"/api/me/exports/{id}", "get">;
export type CancellationPreview = Answer<"/api/me/cancellation", "get">;
export type CancellationStatus = Answer<"/api/cancellations/status", "post">;
export type CancellationState = CancellationStatus["state"];
export type Certificate = NonNullable<CancellationStatus["certificate"]>;
export type Meeting = Answer<"/api/meetings", "post">;
export type Admission = Meeting["admission"];
export type Door = Answer<"/api/meetings/{code}/door", "get">;
export type Policy = Door["policy"];
export type Seat = Answer<"/api/meetings/{code}/seat", "get">;
export type SeatRole = Seat["role"];
export type Rights = Seat["rights"];
export type Permits = Seat["permits"];
export type PeopleList = Answer<"/api/meetings/{code}/people", "get">;
export type Person = PeopleList["people"][number];
export type Message = Answer<"/api/conversations/{id}/messages", "post">;
export type MessageBody = Message["body"];
export type Recap = Answer<"/api/meetings/{code}/recap", "get">;
export type MeetingChange = Asked<"/api/meetings/{code}", "patch">;
export type NewMeeting = Asked<"/api/meetings", "post">;

type Asked<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
	requestBody: { content: { "application/json": infer B } };
}
	? B
	: never;
