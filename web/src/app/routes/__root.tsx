import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, Outlet, redirect } from "@tanstack/react-router";
import { instanceQuery } from "@/api/queries";

export const Route = createRootRouteWithContext<{ queries: QueryClient }>()({
	beforeLoad: async ({ context, location }) => {
		const instance = await context.queries.ensureQueryData(instanceQuery());
		// Until somebody answers for people's data, this Kloud serves nobody else.
		if (instance.setup_required && location.pathname !== "/setup") throw redirect({ to: "/setup" });
	},
	component: Outlet,
});
