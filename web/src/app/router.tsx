import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { NotFound } from "@/app/NotFound";
import { routeTree } from "@/app/routeTree.gen";
import { PageFailed } from "@/app/shell/PageFailed";
import { PageLoading } from "@/app/shell/PageLoading";

export function createAppRouter(queries: QueryClient) {
	const router = createRouter({
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
	// A new page begins at its title, for those who hear it; a field that took the focus keeps it.
	router.subscribe("onRendered", ({ pathChanged, fromLocation }) => {
		const { activeElement } = document;
		const isTyping = activeElement instanceof HTMLInputElement;
		if (pathChanged && fromLocation && !isTyping)
			document.querySelector("h1")?.focus({ preventScroll: true });
	});
	return router;
}

declare module "@tanstack/react-router" {
	interface Register {
		router: ReturnType<typeof createAppRouter>;
	}
}
