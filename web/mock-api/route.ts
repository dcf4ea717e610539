import type { World } from "./world.ts";

export type Call = {
	world: World;
	url: URL;
	params: Record<string, string>;
	// biome-ignore lint/suspicious/noExplicitAny: a request's body is whatever the client sends
	body: any;
};

export type Route = {
	method: string;
	path: RegExp;
	/** Answers without an account. */
	open?: boolean;
	run: (call: Call) => unknown;
};

export function problem(code: string, status: number, params: Record<string, unknown> = {}): Response {
	const body = { type: `about:blank#${code}`, title: code, status, code, params };
	return new Response(JSON.stringify(body), {
		status,
		headers: { "content-type": "application/problem+json" },
	});
}

export const created = (body: unknown) => Response.json(body, { status: 201 });
export const accepted = (body: unknown) => Response.json(body, { status: 202 });
export const nothing = () => new Response(null, { status: 204 });

/** `/api/meetings/:code/door` as an expression with named parts. */
export function at(pattern: string): RegExp {
	return new RegExp(`^${pattern.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`);
}
