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
	// A new page begins at its title, for those who hear it; a field of its own that took the focus keeps it.
	router.subscribe("onRendered", ({ pathChanged, fromLocation }) => {
		const { activeElement } = document;
		const isTyping = activeElement instanceof HTMLInputElement && !activeElement.closest("[role=dialog]");
		if (pathChanged && fromLocation && !isTyping) beginAtTitle();
	});
	return router;
}

let stopWaiting = () => {};

/** Where the title comes only with what is fetched, the focus waits for it, unless it has gone elsewhere by then. */
function beginAtTitle() {
	stopWaiting();
	const focusTitle = () => {
		const title = document.querySelector("h1");
		title?.focus({ preventScroll: true });
		return title !== null;
	};
	if (focusTitle()) return;
	const late = new MutationObserver(() => {
		if (document.activeElement !== document.body || focusTitle()) stopWaiting();
	});
	stopWaiting = () => late.disconnect();
	late.observe(document.body, { childList: true, subtree: true });
}

declare module "@tanstack/react-router" {
	interface Register {
		router: ReturnType<typeof createAppRouter>;
	}
}
