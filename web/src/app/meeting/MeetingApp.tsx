import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { doorQuery } from "@/api/queries";
import { fetchMediaWhenIdle, type Visit } from "@/app/meeting/visit";
import { After } from "@/features/after/After";
import { DoorScreen } from "@/features/prejoin/DoorScreen";
import { Waiting } from "@/features/prejoin/Waiting";
import { useStore } from "@/lib/use-store";

const Room = lazy(() => import("@/features/room/Room").then((file) => ({ default: file.Room })));

fetchMediaWhenIdle();

export function MeetingApp({ visit }: { visit: Visit }) {
	const { code, session, call, preview } = visit;
	const phase = useStore(session.phase);
	const door = useQuery(doorQuery(code));
	switch (phase.kind) {
		case "door":
			return <DoorScreen door={door} session={session} call={call} preview={preview} />;
		case "waiting":
			return <Waiting door={door.data} session={session} />;
		case "inside":
			return (
				<Suspense>
					<Room code={code} seat={phase.seat} door={door.data} session={session} call={call} />
				</Suspense>
			);
		case "closed":
			return <After code={code} ending={phase.ending} door={door.data} />;
	}
}
