import createFetchClient from "openapi-fetch";
import createQueryHooks from "openapi-react-query";
import type { paths } from "@/api/schema";

/** The one way to the server. Its types come from the server's own description. */
export const client = createFetchClient<paths>({
	baseUrl: globalThis.location?.origin ?? "http://localhost",
	// Looked up at each call, so that a test can put its own server behind it.
	fetch: (request) => globalThis.fetch(request),
});

export const api = createQueryHooks(client);
