import { createFileRoute } from "@tanstack/react-router";
import { meetingsQuery } from "@/api/queries";
import { openSheet } from "@/app/shell/keys";
import { MeetingList } from "@/features/meetings/MeetingList";

export const Route = createFileRoute("/_app/meetings/")({
	loader: ({ context }) => void context.queries.prefetchQuery(meetingsQuery()),
	component: Page,
});

function Page() {
	return <MeetingList onPlan={() => openSheet("schedule")} />;
}
