import type { Door, Meeting, Message, Seat } from "../src/api/types.ts";
import { hosting } from "./hosting.ts";
import { recapRoutes } from "./recap.ts";
import { accepted, at, created, nothing, problem, type Route } from "./route.ts";
import { createValues } from "./values.ts";
import { everything, plainMeeting, plainPolicy, type World } from "./world.ts";

/** Codes that always behave in one way, so that each state of the door can be looked at. */
const always = {
	ended: "end-ed22-abc",
	unknown: "non-one2-abc",
	lobby: "lob-by22-abc",
	denied: "den-ied2-abc",
	passcode: "pas-code-abc",
	locked: "lck-ed22-abc",
	banned: "ban-ned2-abc",
	expired: "exp-ired-abc",
	full: "ful-l222-abc",
	tried: "try-ing2-abc",
	soon: "soo-n222-abc",
};
const passcode = "1234";

const refusals: Record<string, NonNullable<Door["refusal"]>> = {
	[always.locked]: "locked",
	[always.banned]: "banned",
	[always.expired]: "expired",
};

function doorOf(world: World, code: string): Door | Response {
	if (code === always.unknown) return problem("not_found", 404);
	const meeting = world.meetings.find((each) => each.code === code);
	const knocks = code === always.lobby || code === always.denied;
	const isStranger = knocks || code in refusals || code === always.passcode || code === always.tried;
	const isHost = !isStranger && world.me !== null && world.scenario.role === "host";
	const isSoon = code === always.soon;
	const names = isSoon
		? []
		: world.people
				.filter(({ is_you, status }) => !is_you && status === "admitted")
				.map(({ name }) => name ?? "");
	return {
		code,
		title: meeting?.title ?? (world.scenario.language === "zh-CN" ? "设计评审" : "Design review"),
		host_name: isHost ? (world.me?.nickname ?? null) : "Maya Köhler",
		state: code === always.ended ? "ended" : isSoon ? "idle" : (meeting?.state ?? "live"),
		admission: knocks ? "lobby" : "link",
		refusal: refusals[code] ?? null,
		passcode_needed: code === always.passcode || code === always.tried,
		starts_at: isSoon
			? new Date(world.now().getTime() + 600_000).toISOString()
			: (meeting?.starts_at ?? null),
		duration_minutes: isSoon ? 45 : (meeting?.duration_minutes ?? null),
		zone: isSoon ? "Europe/Berlin" : (meeting?.zone ?? null),
		started_at: meeting?.started_at ?? null,
		inside: { count: names.length, names: isStranger ? null : names },
		policy: meeting?.policy ?? plainPolicy,
		you: {
			kind: world.me ? "account" : world.seat ? "guest" : "nobody",
			name: world.me?.nickname ?? world.seat?.name ?? null,
			role: isHost ? "host" : "attendee",
			knocks,
		},
		media_elsewhere: null,
	};
}

function refusalOf(code: string, typed: string | undefined): Response | null {
	if (code === always.full) return problem("meeting_full", 409);
	if (code === always.tried) return problem("too_many_attempts", 429, { retry_after_seconds: 90 });
	if (code === always.passcode && typed !== passcode)
		return problem(typed ? "wrong_passcode" : "passcode_needed", 403);
	return null;
}

function seatOf(world: World, code: string, name: string): Seat {
	const waits = code === always.lobby || code === always.denied;
	return {
		participant_id: "par_you",
		identity: "you",
		name,
		role: world.me && !waits ? world.scenario.role : "attendee",
		status: waits ? "waiting" : "admitted",
		media: waits
			? null
			: {
					url: `mock:${world.scenario.room}:${world.scenario.crowd}:${world.scenario.moving ? "moving" : "still"}`,
					token: "mock",
					room: code,
				},
		rights:
			world.scenario.role === "viewer"
				? { microphone: false, camera: false, screen: false, chat: false }
				: everything,
		hand_raised: false,
		policy: { version: 2, accepted: world.scenario.news !== "policy" },
		started_at: world.now().toISOString(),
		conversation_id: "cnv_1",
		permits: world.permits,
		room_stream: "room_1",
	};
}

function messagesOf(world: World, url: URL) {
	const number = (name: string) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : null);
	const [after, before, limit] = [number("after"), number("before"), number("limit") ?? 100];
	const found = world.messages.filter(
		({ seq }) => (after === null || seq > after) && (before === null || seq < before),
	);
	const messages = after === null ? found.slice(-limit) : found.slice(0, limit);
	return { messages, more: messages.length < found.length };
}

function say(world: World, body: { client_id: string; text: string }): Message {
	const seq = (world.messages.at(-1)?.seq ?? 0) + 1;
	const message: Message = {
		message_id: `msg_${seq}`,
		seq,
		sender_id: "you",
		sender_name: world.people.find(({ is_you }) => is_you)?.name ?? null,
		is_you: true,
		at: world.now().toISOString(),
		edited_at: null,
		body: { state: "open", text: body.text },
		client_id: body.client_id,
	};
	world.messages = [...world.messages, message];
	world.emit("cnv_1", "message.sent", { message_id: message.message_id });
	return message;
}

const meetings: Route[] = [
	{ method: "GET", path: at("/api/meetings"), run: ({ world }) => ({ meetings: world.meetings }) },
	{
		method: "POST",
		path: at("/api/meetings"),
		run: ({ world, body }) => {
			const meeting: Meeting = {
				...plainMeeting("new-meet-abc", world.now().toISOString()),
				...body,
				starts_at: body.starts_at ?? null,
			};
			world.meetings = [meeting, ...world.meetings];
			return created(meeting);
		},
	},
	{
		method: "GET",
		path: at("/api/meetings/:code"),
		run: ({ world, params }) =>
			world.meetings.find(({ code }) => code === params.code) ?? problem("not_found", 404),
	},
	{
		method: "PATCH",
		path: at("/api/meetings/:code"),
		run: ({ world, params, body }) => {
			const { policy, ...rest } = body;
			world.meetings = world.meetings.map((each) =>
				each.code === params.code ? { ...each, ...rest, policy: { ...each.policy, ...policy } } : each,
			);
			return world.meetings.find(({ code }) => code === params.code) ?? problem("not_found", 404);
		},
	},
	{
		method: "GET",
		path: at("/api/meetings/:code/invite.ics"),
		open: true,
		run: () =>
			new Response("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", { headers: { "content-type": "text/calendar" } }),
	},
	{
		method: "POST",
		path: at("/api/meetings/:code/end"),
		run: ({ world, params }) => {
			const ended_at = world.now().toISOString();
			world.meetings = world.meetings.map((each) =>
				each.code === params.code ? { ...each, state: "ended", inside: 0, ended_at } : each,
			);
			world.emit("room_1", "meeting.ended", {});
			return nothing();
		},
	},
];

const seats: Route[] = [
	{
		method: "GET",
		path: at("/api/meetings/:code/door"),
		open: true,
		run: ({ world, params }) => doorOf(world, params.code ?? ""),
	},
	{
		method: "POST",
		path: at("/api/meetings/:code/join"),
		open: true,
		run: ({ world, params, body }) => {
			const refused = refusalOf(params.code ?? "", body.passcode);
			if (refused) return refused;
			const name = world.me?.nickname ?? body.name;
			if (!name) return problem("invalid", 422, { field: "name" });
			world.seat = seatOf(world, params.code ?? "", name);
			world.people = world.people.map((each) =>
				each.is_you ? { ...each, name, role: world.seat?.role ?? each.role } : each,
			);
			return world.seat;
		},
	},
	{
		method: "GET",
		path: at("/api/meetings/:code/seat"),
		open: true,
		run: ({ world, params }) => {
			if (!world.seat) return problem("not_found", 404);
			if (params.code === always.denied) world.seat = { ...world.seat, status: "denied" };
			return world.seat;
		},
	},
	{
		method: "PUT",
		path: at("/api/meetings/:code/seat/devices/:source"),
		open: true,
		run: ({ world, params, body }) => {
			world.permits = { ...world.permits, [params.source ?? ""]: body.on };
			if (world.seat) world.seat = { ...world.seat, permits: world.permits };
			return world.seat ?? problem("not_found", 404);
		},
	},
	{ method: "POST", path: at("/api/meetings/:code/seat/leave"), open: true, run: nothing },
	{
		method: "POST",
		path: at("/api/meetings/:code/seat/erase"),
		open: true,
		run: () => accepted({ request: "secret" }),
	},
	{
		method: "GET",
		path: at("/api/meetings/:code/seat/data"),
		open: true,
		run: ({ world }) => {
			const values = createValues(world).filter(({ label }) =>
				/^(session|membership|seat|message)\./.test(label),
			);
			return { values, total: values.length };
		},
	},
	{
		method: "GET",
		path: at("/api/meetings/:code/people"),
		open: true,
		run: ({ world }) => ({ people: world.people }),
	},
	...hosting,
];

function rewrite(world: World, id: string | undefined, change: Partial<Message>): Message | Response {
	world.messages = world.messages.map((each) => (each.message_id === id ? { ...each, ...change } : each));
	world.emit("cnv_1", "message.changed", { message_id: id ?? "" });
	return world.messages.find(({ message_id }) => message_id === id) ?? problem("not_found", 404);
}

const chat: Route[] = [
	{
		method: "GET",
		path: at("/api/conversations/:id/messages"),
		open: true,
		run: ({ world, url }) => messagesOf(world, url),
	},
	{
		method: "POST",
		path: at("/api/conversations/:id/messages"),
		open: true,
		run: ({ world, body }) => {
			if (body.text === "fail") return problem("internal", 500);
			if (body.text === "refused") return problem("not_allowed", 403);
			if (body.text === "changed") return problem("policy_changed", 403);
			return created(say(world, body));
		},
	},
	{
		method: "GET",
		path: at("/api/conversations/:id/messages/:message"),
		open: true,
		run: ({ world, params }) =>
			world.messages.find(({ message_id }) => message_id === params.message) ?? problem("not_found", 404),
	},
	{
		method: "PATCH",
		path: at("/api/conversations/:id/messages/:message"),
		open: true,
		run: ({ world, params, body }) =>
			rewrite(world, params.message, {
				body: { state: "open", text: body.text },
				edited_at: world.now().toISOString(),
			}),
	},
	{
		method: "DELETE",
		path: at("/api/conversations/:id/messages/:message"),
		open: true,
		run: ({ world, params }) => {
			rewrite(world, params.message, { body: { state: "deleted" } });
			return nothing();
		},
	},
];

export const meetingRoutes: Route[] = [
	{
		method: "POST",
		path: at("/api/check"),
		open: true,
		run: () =>
			created({ url: "mock:check", sender: "sender", hearer: "hearer", ends_at: "2026-01-01T00:01:00Z" }),
	},
	...meetings,
	...seats,
	...chat,
	...recapRoutes,
];
