import type { components, paths } from "@/api/schema";

type Success<R> = R extends { 200: { content: { "application/json": infer T } } }
	? T
	: R extends { 201: { content: { "application/json": infer T } } }
		? T
		: R extends { 202: { content: { "application/json": infer T } } }
			? T
			: never;

type Answer<P extends keyof Paths, M extends keyof Paths[P]> = Paths[P][M] extends { responses: infer R }
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
export type Permits = Seat["permits"];
export type PeopleList = Answer<"/api/meetings/{code}/people", "get">;
export type Person = PeopleList["people"][number];
export type Message = Answer<"/api/conversations/{id}/messages", "post">;
export type MessageBody = Message["body"];
export type Recap = Answer<"/api/meetings/{code}/recap", "get">;
export type MeetingChange = Asked<"/api/meetings/{code}", "patch">;
export type NewMeeting = Asked<"/api/meetings", "post">;

type Asked<P extends keyof Paths, M extends keyof Paths[P]> = Paths[P][M] extends {
	requestBody: { content: { "application/json": infer B } };
}
	? B
	: never;

// --- Begin: what the server's description does not say yet ------------------------------------------------------
type Schemas = components["schemas"];
type Operation<P, B, S extends number, R> = {
	parameters: { query?: never; header?: never; cookie?: never } & (P extends undefined
		? { path?: never }
		: { path: P });
	requestBody: B extends never ? undefined : { content: { "application/json": B } };
	responses: Record<S, { headers: Record<string, unknown>; content: { "application/json": R } }> & {
		default: {
			headers: Record<string, unknown>;
			content: { "application/problem+json": Schemas["Problem"] };
		};
	};
};
type Bare<P, S extends number, R> = Omit<Operation<P, unknown, S, R>, "requestBody"> & {
	requestBody?: never;
};
type Rights = { microphone: boolean; camera: boolean; screen: boolean; chat: boolean };
type Attendance = "kept" | "not_kept";
type Role = "host" | "co_host" | "speaker" | "attendee" | "viewer";
type ComingPolicy = {
	version: number;
	chat_kept_days: number;
	recording: string;
	attendance: Attendance;
	guest_key_days: number;
	seen_by: string;
};
type Time = { starts_at: string | null; duration_minutes: number | null; zone: string | null };
type ComingMeeting = Omit<Schemas["Meeting"], "is_host"> &
	Time & {
		host_name: string | null;
		role: Role;
		locked: boolean;
		passcode: string | null;
		attendees_may: Rights;
		cap: number | null;
		expires_at: string | null;
		policy: ComingPolicy;
		has_recap: boolean;
	};
type ComingDoor = Omit<Schemas["GetDoorResponse"], "policy" | "you"> &
	Time & {
		refusal: "locked" | "expired" | "banned" | null;
		passcode_needed: boolean;
		started_at: string | null;
		policy: ComingPolicy;
		you: { kind: string; name: string | null; role: Role; knocks: boolean };
	};
type ComingMessage = Omit<Schemas["Message"], "body"> & {
	edited_at: string | null;
	body: Schemas["MessageBody"] | { state: "deleted" };
};
type ComingRecap = {
	code: string;
	title: string | null;
	host_name: string | null;
	state: Schemas["MeetingState"];
	sittings: { started_at: string; ended_at: string | null }[];
	people: {
		count: number;
		listed:
			| { name: string | null; role: Role; is_you: boolean; came_at: string; left_at: string | null }[]
			| null;
	};
	shares: { name: string | null; is_you: boolean; started_at: string; ended_at: string | null }[];
	chat: { conversation_id: string; messages: number; kept_until: string | null };
	policy: ComingPolicy;
	you: { role: Role; taken_out: boolean };
};
type Code = { code: string };
type MessagePath = { id: string; message_id: string };
type Coming = {
	"/api/meetings": {
		get: Bare<undefined, 200, { meetings: ComingMeeting[] }>;
		post: Operation<
			undefined,
			{ title?: string | null; admission: Schemas["Admission"] } & Partial<Time>,
			201,
			ComingMeeting
		>;
	};
	"/api/meetings/{code}": {
		get: Bare<Code, 200, ComingMeeting>;
		patch: Operation<
			Code,
			Partial<Time> & {
				title?: string | null;
				admission?: Schemas["Admission"];
				locked?: boolean;
				passcode?: string;
				attendees_may?: Rights;
				cap?: number;
				expires_at?: string;
				policy?: { chat_kept_days?: number; attendance?: Attendance };
			},
			200,
			ComingMeeting
		>;
	};
	"/api/meetings/{code}/door": { get: Bare<Code, 200, ComingDoor> };
	"/api/meetings/{code}/recap": { get: Bare<Code, 200, ComingRecap> };
	"/api/meetings/{code}/seat/take-out": { post: Bare<Code, 204, never> };
	"/api/meetings/{code}/seat/policy": { put: Operation<Code, { version: number }, 200, Schemas["Seat"]> };
	"/api/meetings/{code}/join": {
		post: Operation<Code, { name?: string; passcode?: string; policy?: number }, 200, Schemas["Seat"]>;
	};
	"/api/conversations/{id}/messages": {
		get: Omit<Bare<{ id: string }, 200, { messages: ComingMessage[]; more: boolean }>, "parameters"> & {
			parameters: {
				query?: { after?: number; before?: number; limit?: number };
				header?: never;
				path: { id: string };
				cookie?: never;
			};
		};
		post: Operation<{ id: string }, Schemas["CreateMessageRequest"], 201, ComingMessage>;
	};
	"/api/conversations/{id}/messages/{message_id}": {
		get: Bare<MessagePath, 200, ComingMessage>;
		patch: Operation<MessagePath, { text: string }, 200, ComingMessage>;
		delete: Bare<MessagePath, 204, never>;
	};
};
export type Paths = Omit<paths, keyof Coming> & Coming;
// --- End --------------------------------------------------------------------------------------------------------
