import type { Person } from "../src/api/types.ts";
import { at, nothing, problem, type Route } from "./route.ts";
import type { World } from "./world.ts";

/** What hosts do in the room, and what a seat says of itself. */
function change(world: World, id: string | undefined, part: (person: Person) => Partial<Person>) {
	world.people = world.people.map((each) => (each.participant_id === id ? { ...each, ...part(each) } : each));
}

const acts: Record<
	string,
	(person: Person, body: { source?: string; stay?: boolean; role?: Person["role"] }) => Partial<Person>
> = {
	admit: () => ({ status: "admitted" }),
	deny: () => ({ status: "denied" }),
	"put-back": () => ({ status: "waiting" }),
	remove: () => ({ status: "removed" }),
	ban: () => ({ status: "banned" }),
	unban: () => ({ status: "removed" }),
	"lower-hand": () => ({ hand: null }),
	stop: ({ held }, { source = "", stay }) => ({ held: { ...held, ...(stay ? { [source]: true } : {}) } }),
	allow: ({ held }, { source = "" }) => ({ held: { ...held, [source]: false } }),
	ask: () => ({}),
	role: (_, { role }) => ({ role }),
	"hand-over": () => ({ role: "host" }),
};

export const hosting: Route[] = [
	{
		method: "POST",
		path: at("/api/meetings/:code/people/:id/:act"),
		run: ({ world, params, body }) => {
			change(world, params.id, (person) => acts[params.act ?? ""]?.(person, body) ?? {});
			const isListed = ({ status }: Person) => status !== "denied" && status !== "removed";
			world.people = world.people.filter(isListed);
			world.emit("room_1", "people.changed", { participant_id: params.id ?? "" });
			return nothing();
		},
	},
	{
		method: "PUT",
		path: at("/api/meetings/:code/people/:id/spotlight"),
		run: ({ world, params, body }) => {
			const last = Math.max(0, ...world.people.map(({ spotlight }) => spotlight ?? 0));
			change(world, params.id, () => ({ spotlight: body.on ? last + 1 : null }));
			world.emit("room_1", "people.changed", { participant_id: params.id ?? "" });
			return nothing();
		},
	},
	{
		method: "PUT",
		path: at("/api/meetings/:code/people/:id/role"),
		run: ({ world, params, body }) => {
			change(world, params.id, () => ({ role: body.role }));
			world.emit("room_1", "people.changed", { participant_id: params.id ?? "" });
			return nothing();
		},
	},
	{
		method: "POST",
		path: /^\/api\/meetings\/(?<code>[^/]+)\/(?<act>admit-all|mute-all|lower-hands)$/,
		run: ({ world, params, body }) => {
			world.people = world.people.map((each) => ({
				...each,
				...(params.act === "admit-all" && each.status === "waiting" ? { status: "admitted" as const } : {}),
				...(params.act === "lower-hands" ? { hand: null } : {}),
			}));
			if (params.act === "mute-all" && body.stay)
				world.meetings = world.meetings.map((each) =>
					each.code === params.code
						? { ...each, attendees_may: { ...each.attendees_may, microphone: false } }
						: each,
				);
			world.emit("room_1", "people.changed", {});
			return nothing();
		},
	},
	{
		method: "PUT",
		path: at("/api/meetings/:code/seat/hand"),
		open: true,
		run: ({ world, body }) => {
			const last = Math.max(0, ...world.people.map(({ hand }) => hand ?? 0));
			world.people = world.people.map((each) =>
				each.is_you ? { ...each, hand: body.raised ? last + 1 : null } : each,
			);
			if (world.seat) world.seat = { ...world.seat, hand_raised: body.raised };
			world.emit("room_1", "people.changed", {});
			return world.seat ?? problem("not_found", 404);
		},
	},
	{
		method: "PUT",
		path: at("/api/meetings/:code/seat/policy"),
		open: true,
		run: ({ world, body }) => {
			if (world.seat) world.seat = { ...world.seat, policy: { version: body.version, accepted: true } };
			return world.seat ?? problem("not_found", 404);
		},
	},
];
