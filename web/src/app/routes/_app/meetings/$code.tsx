import { createFileRoute } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { doorQuery, meetingQuery } from "@/api/queries";
import { openSheet } from "@/app/shell/keys";
import { MeetingPage } from "@/features/meetings/MeetingPage";

const MeetingRecap = lazy(() =>
	import("@/app/MeetingRecap").then((file) => ({ default: file.MeetingRecap })),
);

export const Route = createFileRoute("/_app/meetings/$code")({
	loader: ({ context, params }) => {
		void context.queries.prefetchQuery(meetingQuery(params.code));
		void context.queries.prefetchQuery(doorQuery(params.code));
	},
	component: Page,
});

function Page() {
	const { code } = Route.useParams();
	return (
		<MeetingPage
			key={code}
			code={code}
			recap={() => (
				<Suspense>
					<MeetingRecap code={code} onPlan={() => openSheet("schedule")} />
				</Suspense>
			)}
		/>
	);
}
