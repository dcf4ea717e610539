import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Pencil, Video } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { doorQuery, meetingQuery } from "@/api/queries";
import type { Meeting } from "@/api/types";
import { Invitation } from "@/features/meetings/Invitation";
import { MeetingKeeps } from "@/features/meetings/MeetingKeeps";
import { MeetingSettings } from "@/features/meetings/MeetingSettings";
import { WhenHead } from "@/features/meetings/WhenHead";
import { WhoIsThere } from "@/features/meetings/WhoIsThere";
import { useMinute } from "@/lib/clock";
import { placeOf } from "@/lib/meeting-order";
import { useMeetingWords } from "@/lib/meeting-words";
import { problemOf } from "@/lib/problem";
import { Button, buttonClass } from "@/ui/Button";
import { PageHead, Row } from "@/ui/Layout";
import { Column, Page, Split } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { Bone, SkeletonLines } from "@/ui/Skeleton";
import { toast } from "@/ui/toasts";

const ScheduleDialog = lazy(() =>
	import("@/features/meetings/ScheduleDialog").then((file) => ({ default: file.ScheduleDialog })),
);

type Props = {
	code: string /** What stays of it, once it went on. */;
	recap: (meeting: Meeting) => ReactNode;
};

export function MeetingPage({ code, recap }: Props) {
	const { t } = useLingui();
	const words = useMeetingWords();
	const meeting = useQuery(meetingQuery(code));
	const { data, error } = meeting;
	return (
		<Page>
			<title>{`${data ? words.title(data) : t`Meeting`} · Kloud`}</title>
			{data ? (
				<Found meeting={data} recap={recap} />
			) : !error ? (
				<Column>
					<Bone shape="title" />
					<SkeletonLines />
				</Column>
			) : problemOf(error).code === "not_found" ? (
				<PageHead
					above={<Link to="/meetings">{t`Meetings`}</Link>}
					title={t`This meeting is not on your list`}
					lead={t`You may still join it by its link, if it is running.`}
				>
					<a className={buttonClass()} href={`/m/${code}`}>{t`Go to its door`}</a>
				</PageHead>
			) : (
				<ProblemNote error={error} onRetry={() => void meeting.refetch()} />
			)}
		</Page>
	);
}

function Found({ meeting, recap }: { meeting: Meeting; recap: Props["recap"] }) {
	const { t } = useLingui();
	const words = useMeetingWords();
	const now = useMinute();
	const [isPlanning, setPlanning] = useState(false);
	const door = useQuery(doorQuery(meeting.code));
	const isHost = meeting.role === "host";
	const manages = isHost || meeting.role === "co_host";
	const isOver = meeting.has_recap && placeOf(meeting, now) === "before";
	return (
		<>
			<PageHead
				above={<Link to="/meetings">{t`Meetings`}</Link>}
				title={words.title(meeting)}
				lead={<WhenHead meeting={meeting} now={now} />}
			>
				{meeting.state === "ended" ? null : (
					<Row gap={2}>
						{isHost ? (
							<Button onPress={() => setPlanning(true)}>
								<Pencil aria-hidden />
								{t`Title and time`}
							</Button>
						) : null}
						<a className={buttonClass({ look: "primary" })} href={`/m/${meeting.code}`}>
							<Video aria-hidden />
							{t`Join`}
						</a>
					</Row>
				)}
			</PageHead>
			{isOver ? recap(meeting) : null}
			{meeting.state === "ended" ? null : (
				<Split>
					<Column>
						{meeting.state === "live" ? <WhoIsThere meeting={meeting} door={door.data} /> : null}
						<Invitation meeting={meeting} />
						{manages ? <MeetingSettings meeting={meeting} isHost={isHost} /> : null}
					</Column>
					{isOver ? null : <MeetingKeeps meeting={meeting} isHost={isHost} />}
				</Split>
			)}
			<Suspense>
				{isPlanning ? (
					<ScheduleDialog
						meeting={meeting}
						onClose={() => setPlanning(false)}
						onDone={() => {
							setPlanning(false);
							toast(t`Changed`);
						}}
					/>
				) : null}
			</Suspense>
		</>
	);
}
