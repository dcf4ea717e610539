import type { CancellationPreview, CancellationStatus } from "../src/api/types.ts";
import { accepted, at, created, nothing, problem, type Route } from "./route.ts";
import { createValues } from "./values.ts";
import type { World } from "./world.ts";

const order: CancellationStatus["state"][] = [
	"requested",
	"waiting",
	"frozen",
	"keys_gone",
	"swept",
	"told",
	"certified",
];
const day = 86_400_000;

function statusOf(world: World): CancellationStatus {
	const { cancellation } = world.scenario;
	const at = (minutes: number) => new Date(world.now().getTime() - minutes * 60_000).toISOString();
	const passed = order
		.slice(0, order.indexOf(cancellation) + 1)
		.filter((state) => state !== "waiting" || cancellation === "waiting");
	const backups_at = new Date(world.now().getTime() + 8 * day).toISOString();
	return {
		state: cancellation,
		requested_at: at(passed.length),
		due_at: new Date(world.now().getTime() + 3 * day).toISOString(),
		steps: passed.map((state, index) => ({ state, at: at(passed.length - index) })),
		waits_until: cancellation === "waiting" ? new Date(world.now().getTime() + 3 * day).toISOString() : null,
		certificate:
			cancellation === "certified"
				? {
						number: "KC-2026-0007",
						categories: ["identity", "contact", "authored"],
						online_at: at(1),
						backups_at,
						signed: "kloud-certificate KC-2026-0007\n",
					}
				: null,
	};
}

function previewOf(world: World): CancellationPreview {
	const now = world.now().getTime();
	return {
		becomes_unreadable: [
			{ kind: "profile", count: 31 },
			{ kind: "messages", count: 1204 },
			{ kind: "meetings", count: 38 },
			{ kind: "consents", count: 12 },
			{ kind: "credentials", count: 14 },
		],
		stays: [{ kind: "attendance", count: 57 }],
		online_at: new Date(now).toISOString(),
		backups_at: new Date(now + 8 * day).toISOString(),
		waits_until: null,
	};
}

const reauthenticated =
	(run: Route["run"]): Route["run"] =>
	(call) =>
		call.world.isReauthenticated ? run(call) : problem("reauthentication_required", 403);

export const meRoutes: Route[] = [
	{ method: "GET", path: at("/api/me"), run: ({ world }) => world.me },
	{
		method: "PATCH",
		path: at("/api/me"),
		run: ({ world, body }) => {
			if (world.me) world.me = { ...world.me, ...body };
			return world.me;
		},
	},
	{
		method: "POST",
		path: at("/api/me/reauthentication"),
		run: ({ world, body }) => {
			if (body.password === "wrong") return problem("sign_in_failed", 401);
			world.isReauthenticated = true;
			return nothing();
		},
	},
	{
		method: "PUT",
		path: at("/api/me/password"),
		run: ({ body }) => (body.current_password === "wrong" ? problem("sign_in_failed", 401) : nothing()),
	},
	{
		method: "POST",
		path: at("/api/me/recovery-codes"),
		run: reauthenticated(() =>
			created({ recovery_codes: Array.from({ length: 10 }, (_, n) => `new${n}-k2mq`) }),
		),
	},
	{ method: "GET", path: at("/api/me/devices"), run: ({ world }) => ({ devices: world.devices }) },
	{
		method: "DELETE",
		path: at("/api/me/devices"),
		run: ({ world }) => {
			const ended = world.devices.filter(({ current }) => !current).length;
			world.devices = world.devices.filter(({ current }) => current);
			return { ended };
		},
	},
	{
		method: "DELETE",
		path: at("/api/me/devices/:id"),
		run: ({ world, params }) => {
			world.devices = world.devices.filter(({ device_id }) => device_id !== params.id);
			return nothing();
		},
	},
	{
		method: "GET",
		path: at("/api/me/permissions"),
		run: ({ world }) => ({ permissions: world.permissions }),
	},
	{
		method: "PUT",
		path: at("/api/me/permissions/:class"),
		run: ({ world, params, body }) => {
			world.permissions = world.permissions.map((each) =>
				each.class === params.class ? { ...each, state: body.state, span: null } : each,
			);
			return world.permissions.find((each) => each.class === params.class) ?? problem("not_found", 404);
		},
	},
	{
		method: "GET",
		path: at("/api/me/data"),
		run: ({ world }) => {
			const values = createValues(world);
			return { values, total: values.length };
		},
	},
	{ method: "GET", path: at("/api/me/data/openings"), run: ({ world }) => world.openings },
	{ method: "GET", path: at("/api/me/consents"), run: ({ world }) => world.consents },
	{
		method: "GET",
		path: at("/api/me/consents/:id/receipt"),
		run: ({ params }) => ({ consent_id: params.id }),
	},
	{
		method: "POST",
		path: at("/api/me/exports"),
		run: reauthenticated(({ world }) => {
			world.exports.set("exp_1", 0);
			return accepted({ export_id: "exp_1", state: "preparing" });
		}),
	},
	{
		method: "GET",
		path: at("/api/me/exports/:id"),
		run: ({ world, params }) => {
			const looks = (world.exports.get(params.id ?? "") ?? 0) + 1;
			world.exports.set(params.id ?? "", looks);
			const state = looks > 1 ? "ready" : "preparing";
			return { export_id: params.id, state, bytes: looks > 1 ? 1_840_000 : null, expires_at: null };
		},
	},
	{ method: "GET", path: at("/api/me/cancellation"), run: ({ world }) => previewOf(world) },
	{
		method: "POST",
		path: at("/api/me/cancellation"),
		run: reauthenticated(({ world }) => {
			world.me = null;
			return accepted({ request: "secret", state: "requested" });
		}),
	},
	{
		method: "POST",
		path: at("/api/cancellations/status"),
		open: true,
		run: ({ world, body }) => (body.request === "unknown" ? problem("not_found", 404) : statusOf(world)),
	},
	{ method: "POST", path: at("/api/cancellations/take-back"), open: true, run: nothing },
];
