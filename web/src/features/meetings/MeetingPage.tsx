import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Video } from "lucide-react";
import { doorQuery, meetingsQuery } from "@/api/queries";
import type { Meeting } from "@/api/types";
import { MeetingKeeps } from "@/features/meetings/MeetingKeeps";
import { MeetingLinkCard } from "@/features/meetings/MeetingLinkCard";
import { MeetingSettings } from "@/features/meetings/MeetingSettings";
import { useFormat } from "@/lib/format";
import { useMeetingWords } from "@/lib/meeting-words";
import { buttonClass } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { PageHead, Row } from "@/ui/Layout";
import { Column, Page, Split } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { Bone, SkeletonLines } from "@/ui/Skeleton";

export function MeetingPage({ code }: { code: string }) {
	const { t } = useLingui();
	const words = useMeetingWords();
	const meetings = useQuery(meetingsQuery());
	const meeting = meetings.data?.meetings.find((each) => each.code === code);
	const above = <Link to="/meetings">{t`Meetings`}</Link>;
	return (
		<Page>
			<title>{`${meeting ? words.title(meeting) : t`Meeting`} · Kloud`}</title>
			{meetings.isPending ? (
				<Column>
					<Bone shape="title" />
					<SkeletonLines />
				</Column>
			) : meetings.isError ? (
				<ProblemNote error={meetings.error} onRetry={() => void meetings.refetch()} />
			) : meeting ? (
				<Found meeting={meeting} />
			) : (
				<PageHead
					above={above}
					title={t`This meeting is not on your list`}
					lead={t`You may still join it by its link, if it is running.`}
				>
					<a className={buttonClass()} href={`/m/${code}`}>{t`Go to its door`}</a>
				</PageHead>
			)}
		</Page>
	);
}

function Found({ meeting }: { meeting: Meeting }) {
	const { t } = useLingui();
	const words = useMeetingWords();
	const door = useQuery(doorQuery(meeting.code));
	return (
		<>
			<PageHead
				above={<Link to="/meetings">{t`Meetings`}</Link>}
				title={words.title(meeting)}
				lead={<When meeting={meeting} />}
			>
				{meeting.state === "ended" ? null : (
					<a className={buttonClass({ look: "primary" })} href={`/m/${meeting.code}`}>
						<Video aria-hidden />
						{t`Join`}
					</a>
				)}
			</PageHead>
			<Split>
				<Column>
					<MeetingLinkCard meeting={meeting} />
					{meeting.role === "host" && meeting.state !== "ended" ? (
						<MeetingSettings key={meeting.code} meeting={meeting} />
					) : null}
				</Column>
				<MeetingKeeps meeting={meeting} policy={door.data?.policy} error={door.error} />
			</Split>
		</>
	);
}

function When({ meeting }: { meeting: Meeting }) {
	const { t } = useLingui();
	const format = useFormat();
	const words = useMeetingWords();
	const { started_at, ended_at, created_at } = meeting;
	if (meeting.state === "live") {
		return (
			<Row gap={2}>
				<Chip tone="good">{words.inside(meeting.inside)}</Chip>
				{started_at ? t`since ${format.time(started_at)}` : null}
			</Row>
		);
	}
	if (started_at && ended_at)
		return `${format.day(started_at)}, ${format.time(started_at)} – ${format.time(ended_at)}`;
	return t`Made ${format.day(created_at)}, not started yet`;
}
