import { accountRoutes } from "./account.ts";
import { meRoutes } from "./me.ts";
import { meetingRoutes } from "./meetings.ts";
import { problem, type Route } from "./route.ts";
import type { World } from "./world.ts";

const routes: Route[] = [...accountRoutes, ...meRoutes, ...meetingRoutes];

/** Answers as the server would, from the visitor's own world. */
export async function handle(world: World, request: Request): Promise<Response> {
	const url = new URL(request.url);
	const isBasic = url.pathname === "/api/instance" || url.pathname === "/api/me";
	if (world.scenario.slow && !isBasic) return new Promise(() => {});
	if (world.scenario.failing && !isBasic) return problem("internal", 500);
	for (const { method, path, run, open } of routes) {
		const match = request.method === method && url.pathname.match(path);
		if (!match) continue;
		if (!open && !world.me) return problem("unauthenticated", 401);
		const text = request.method === "GET" ? "" : await request.text();
		const answer = await run({ world, url, params: match.groups ?? {}, body: text ? JSON.parse(text) : {} });
		return answer instanceof Response ? answer : Response.json(answer);
	}
	return problem("not_found", 404);
}
