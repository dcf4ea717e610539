import type { Recap } from "../src/api/types.ts";
import { at, nothing, problem, type Route } from "./route.ts";
import { plainPolicy, type World } from "./world.ts";

const minute = 60_000;

/** What stays of a meeting, made up from what the list says of it. */
function recapOf(world: World, code: string): Recap | Response {
	const meeting = world.meetings.find((each) => each.code === code);
	if (meeting ? !meeting.has_recap : !world.seat) return problem("not_found", 404);
	const start = new Date(meeting?.started_at ?? world.now().getTime() - 34 * minute).getTime();
	const after = (minutes: number) => new Date(start + minutes * minute).toISOString();
	const goesOn = meeting?.state === "live";
	const end = goesOn ? null : (meeting?.ended_at ?? after(44));
	const policy = meeting?.policy ?? plainPolicy;
	const isKept = policy.attendance === "kept";
	const you = world.people.find(({ is_you }) => is_you)?.name ?? null;
	const isOut = world.takenOut.has(code);
	return {
		code,
		title: meeting?.title ?? null,
		host_name: meeting?.host_name ?? "Maya Köhler",
		state: meeting?.state ?? "ended",
		sittings: [
			{ started_at: after(-24 * 60), ended_at: after(-24 * 60 + 31) },
			{ started_at: after(0), ended_at: end },
		],
		people: {
			count: 4,
			listed: isKept
				? [
						{ name: "Maya Köhler", role: "attendee", is_you: false, came_at: after(0), left_at: end },
						{ name: "陈曦", role: "attendee", is_you: false, came_at: after(1), left_at: after(30) },
						{ name: null, role: "attendee", is_you: false, came_at: after(2), left_at: after(12) },
						...(isOut
							? []
							: [
									{
										name: you,
										role: meeting?.role ?? ("attendee" as const),
										is_you: true,
										came_at: after(2),
										left_at: end,
									},
								]),
					]
				: null,
		},
		shares: isKept ? [{ name: "Maya Köhler", is_you: false, started_at: after(8), ended_at: after(26) }] : [],
		chat: {
			conversation_id: "cnv_1",
			messages: world.messages.length,
			kept_until: meeting?.chat_kept_until ?? after(90 * 24 * 60),
		},
		policy,
		you: { role: meeting?.role ?? "attendee", taken_out: isOut },
	};
}

export const recapRoutes: Route[] = [
	{
		method: "GET",
		path: at("/api/meetings/:code/recap"),
		open: true,
		run: ({ world, params }) => recapOf(world, params.code ?? ""),
	},
	{
		method: "POST",
		path: at("/api/meetings/:code/seat/take-out"),
		open: true,
		run: ({ world, params }) => {
			world.takenOut.add(params.code ?? "");
			world.messages = world.messages.map((each) =>
				each.is_you ? { ...each, is_you: false, sender_name: null, body: { state: "erased" } } : each,
			);
			return nothing();
		},
	},
];
