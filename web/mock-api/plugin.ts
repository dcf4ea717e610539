import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Connect, Plugin } from "vite";
import { WebSocketServer } from "ws";
import { handle } from "./handle.ts";
import { createWorld, type Scenario, usual, type World } from "./world.ts";

/** Serves the made-up server beside the pages. Each visitor has a world of their own, chosen by the cookie `mock`. */
const worlds = new Map<string, World>();

function worldOf(request: IncomingMessage): World {
	const cookie = request.headers.cookie?.match(/(?:^|;\s*)mock=([^;]+)/)?.[1] ?? "";
	const known = worlds.get(cookie);
	if (known) return known;
	const chosen = cookie ? (JSON.parse(decodeURIComponent(cookie)) as Partial<Scenario>) : {};
	const world = createWorld({ ...usual, ...chosen });
	worlds.set(cookie, world);
	return world;
}

const answer: Connect.NextHandleFunction = (request, response, next) => {
	if (!request.url?.startsWith("/api/")) return next();
	void respond(request, response);
};

async function respond(request: IncomingMessage, response: ServerResponse) {
	const url = `http://${request.headers.host}${request.url}`;
	const hasBody = request.method !== "GET" && request.method !== "HEAD";
	const body = hasBody ? (Readable.toWeb(request) as ReadableStream) : undefined;
	const answered = await handle(
		worldOf(request),
		new Request(url, { method: request.method, body, duplex: "half" } as RequestInit),
	);
	response.writeHead(answered.status, Object.fromEntries(answered.headers));
	response.end(Buffer.from(await answered.arrayBuffer()));
}

function serveEvents(server: Server | null | undefined) {
	const sockets = new WebSocketServer({ noServer: true });
	server?.on("upgrade", (request: IncomingMessage, socket, head) => {
		if (!request.url?.startsWith("/api/events")) return;
		sockets.handleUpgrade(request, socket, head, (client) => {
			const world = worldOf(request);
			const last = new Map<string, number>();
			world.emit = (stream, kind, ids) => {
				const seq = (last.get(stream) ?? 0) + 1;
				last.set(stream, seq);
				client.send(JSON.stringify({ event: { stream, seq, kind, at: world.now().toISOString(), ids } }));
			};
			client.on("message", (data) => {
				const { watch } = JSON.parse(String(data)) as { watch?: { stream: string }[] };
				if (!watch) return;
				const watching = watch.map(({ stream }) => ({ stream, last: last.get(stream) ?? 0 }));
				client.send(JSON.stringify({ watching, refused: [] }));
				if (world.scenario.news === "asked" && watch.some(({ stream }) => stream === "par_you"))
					world.emit("par_you", "seat.asked", { source: "microphone" });
			});
		});
	});
}

export function mockApi(): Plugin {
	return {
		name: "kloud-mock-api",
		configureServer(server) {
			server.middlewares.use(answer);
			serveEvents(server.httpServer as Server | null);
		},
		configurePreviewServer(server) {
			server.middlewares.use(answer);
			serveEvents(server.httpServer as Server | null);
		},
	};
}
