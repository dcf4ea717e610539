import { createFileRoute } from "@tanstack/react-router";
import { doorQuery, meetingsQuery } from "@/api/queries";
import { MeetingPage } from "@/features/meetings/MeetingPage";

export const Route = createFileRoute("/_app/meetings/$code")({
	loader: ({ context, params }) => {
		void context.queries.prefetchQuery(meetingsQuery());
		void context.queries.prefetchQuery(doorQuery(params.code));
	},
	component: Page,
});

function Page() {
	return <MeetingPage code={Route.useParams().code} />;
}
