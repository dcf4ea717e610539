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
export type Permits = Seat["permits"];
export type Message = Answer<"/api/conversations/{id}/messages", "post">;

// --- Begin: seats and people, until the server's description has them ---
export type SeatRole = "host" | "co_host" | "speaker" | "attendee" | "viewer";
export type Rights = { microphone: boolean; camera: boolean; screen: boolean; chat: boolean };
type PlainSeat = Answer<"/api/meetings/{code}/seat", "get">;
export type Seat = Omit<PlainSeat, "role" | "status"> & {
	role: SeatRole;
	status: PlainSeat["status"] | "banned";
	rights: Rights;
	hand_raised: boolean;
	policy: { version: number; accepted: boolean };
	started_at: string | null;
};
type PlainPerson = Answer<"/api/meetings/{code}/people", "get">["people"][number];
export type Person = Omit<PlainPerson, "role" | "status"> & {
	role: SeatRole;
	status: PlainPerson["status"] | "banned";
	rights: Rights;
	held: { microphone: boolean; camera: boolean; screen: boolean };
	hand: number | null;
};
export type PeopleList = { people: Person[] };
export type HostedMeeting = {
	code: string;
	title: string | null;
	admission: Admission;
	locked: boolean;
	passcode: string | null;
	attendees_may: Rights;
};
export type MeetingChange = Partial<Pick<HostedMeeting, "admission" | "locked" | "attendees_may">> & {
	passcode?: string;
};
// --- End ---
