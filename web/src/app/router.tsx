import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { NotFound } from "@/app/NotFound";
import { routeTree } from "@/app/routeTree.gen";
import { PageFailed } from "@/app/shell/PageFailed";
import { PageLoading } from "@/app/shell/PageLoading";

export function createAppRouter(queries: QueryClient) {
	return createRouter({
		routeTree,
		context: { queries },
		defaultPreload: "intent",
		defaultPreloadStaleTime: 0,
		defaultErrorComponent: PageFailed,
		defaultPendingComponent: PageLoading,
		defaultNotFoundComponent: NotFound,
		defaultPendingMs: 200,
		scrollRestoration: true,
	});
}

declare module "@tanstack/react-router" {
	interface Register {
		router: ReturnType<typeof createAppRouter>;
	}
}
