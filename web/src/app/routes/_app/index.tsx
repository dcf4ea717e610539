import { createFileRoute } from "@tanstack/react-router";
import { meetingsQuery } from "@/api/queries";
import { openSheet } from "@/app/shell/keys";
import { Home } from "@/features/home/Home";

export const Route = createFileRoute("/_app/")({
	loader: ({ context }) => void context.queries.prefetchQuery(meetingsQuery()),
	component: Page,
});

function Page() {
	return <Home onPlan={() => openSheet("schedule")} />;
}
