import { createFileRoute, redirect } from "@tanstack/react-router";
import { followAccount } from "@/api/live";
import { loadMe } from "@/api/queries";
import { Shell } from "@/app/shell/Shell";

export const Route = createFileRoute("/_app")({
	beforeLoad: async ({ context, location }) => {
		const me = await loadMe(context.queries);
		if (!me) throw redirect({ to: "/sign-in", search: { next: location.href } });
		followAccount(me.account_id, context.queries);
	},
	component: Shell,
});
