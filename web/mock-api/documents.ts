import type { Connect, Plugin } from "vite";

/** As the server does it: `/m/*` is a document of its own, every other page is the app's. */
const policy = (isMeeting: boolean) =>
	[
		"default-src 'none'",
		isMeeting ? "script-src 'self' 'wasm-unsafe-eval'" : "script-src 'self'",
		"style-src 'self'",
		"img-src 'self' data: blob:",
		"font-src 'self'",
		"connect-src 'self'",
		"worker-src 'self'",
		"media-src 'self' blob:",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	].join("; ");

const denied = "camera=(), microphone=(), display-capture=(), geolocation=()";
const allowed =
	"camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), geolocation=()";

function toDocument(isStrict: boolean): Connect.NextHandleFunction {
	return (request, response, next) => {
		const path = (request.url ?? "/").split("?")[0] ?? "/";
		const wantsPage = request.headers.accept?.includes("text/html") && !path.startsWith("/api/");
		if (!wantsPage) return next();
		const isMeeting = path.startsWith("/m/") || path === "/check";
		if (isMeeting) request.url = "/meeting.html";
		else if (!path.includes(".")) request.url = "/index.html";
		// The development server writes styles and scripts into the page, which the strict policy forbids.
		if (isStrict) response.setHeader("content-security-policy", policy(isMeeting));
		response.setHeader("permissions-policy", isMeeting ? allowed : denied);
		next();
	};
}

export function documents(): Plugin {
	return {
		name: "kloud-documents",
		configureServer: (server) => void server.middlewares.use(toDocument(false)),
		configurePreviewServer: (server) => void server.middlewares.use(toDocument(true)),
	};
}
