import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { doorQuery } from "@/api/queries";
import { fetchMediaWhenIdle, type Visit } from "@/app/meeting/visit";
import type { Ending } from "@/call/session";
import { After } from "@/features/after/After";
import { DoorScreen } from "@/features/prejoin/DoorScreen";
import { Waiting } from "@/features/prejoin/Waiting";
import { useStore } from "@/lib/use-store";

const Elsewhere = lazy(() =>
	import("@/features/room/Elsewhere").then((file) => ({ default: file.Elsewhere })),
);
const MeetingRoom = lazy(() =>
	import("@/app/meeting/MeetingRoom").then((file) => ({ default: file.MeetingRoom })),
);

const MeetingRecap = lazy(() =>
	import("@/app/MeetingRecap").then((file) => ({ default: file.MeetingRecap })),
);

fetchMediaWhenIdle();

export function MeetingApp({ visit }: { visit: Visit }) {
	const { code, session, call, preview } = visit;
	const phase = useStore(session.phase);
	const door = useQuery(doorQuery(code));
	const after = (ending: Ending) => (
		<After
			code={code}
			ending={ending}
			door={door.data}
			recap={
				<Suspense>
					<MeetingRecap code={code} narrow />
				</Suspense>
			}
		/>
	);
	switch (phase.kind) {
		case "door":
			// Who was there finds what stays of it under the same link.
			if (door.data?.state === "ended" && door.data.you.kind === "guest") return after("ended");
			return <DoorScreen door={door} session={session} call={call} preview={preview} />;
		case "waiting":
			return <Waiting door={door.data} session={session} wasInside={visit.wasInside()} />;
		case "inside":
			return (
				<Suspense>
					<MeetingRoom visit={visit} seat={phase.seat} door={door.data} />
				</Suspense>
			);
		case "closed":
			if (phase.ending === "elsewhere")
				return (
					<Suspense>
						<Elsewhere session={session} title={door.data?.title} />
					</Suspense>
				);
			return after(phase.ending);
	}
}
