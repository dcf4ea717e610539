import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Video } from "lucide-react";
import { meetingsQuery } from "@/api/queries";
import type { Meeting } from "@/api/types";
import { useMinute } from "@/lib/clock";
import { useMeetingWords } from "@/lib/meeting-words";
import { buttonClass } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Card, CardHead, Lines, PageHead, Row } from "@/ui/Layout";
import { MeetingRow } from "@/ui/MeetingRow";
import { Empty } from "@/ui/Note";
import { Column, Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

export function MeetingList() {
	const { t } = useLingui();
	const meetings = useQuery(meetingsQuery());
	return (
		<Page>
			<title>{t`Meetings · Kloud`}</title>
			<PageHead title={t`Meetings`} lead={t`Meetings you made or were in. Seen by you alone.`}>
				<Link to="/" className={buttonClass({ look: "primary" })}>
					<Video aria-hidden />
					{t`New meeting`}
				</Link>
			</PageHead>
			{meetings.isPending ? (
				<Card>
					<SkeletonLines count={5} />
				</Card>
			) : meetings.isError ? (
				<ProblemNote error={meetings.error} onRetry={() => void meetings.refetch()} />
			) : (
				<Groups meetings={meetings.data.meetings} />
			)}
		</Page>
	);
}

function Groups({ meetings }: { meetings: readonly Meeting[] }) {
	const { t } = useLingui();
	if (meetings.length === 0) {
		return (
			<Card>
				<Empty
					icon={<Video aria-hidden />}
					action={
						<Link to="/" className={buttonClass({ look: "primary" })}>
							{t`Make a meeting`}
						</Link>
					}
				>
					{t`No meetings yet. When you make one or join one, it stands here with what it keeps.`}
				</Empty>
			</Card>
		);
	}
	const groups = [
		{ state: "live", title: t`Now` },
		{ state: "idle", title: t`Not started` },
		{ state: "ended", title: t`Before` },
	] as const;
	return (
		<Column>
			{groups.map(({ state, title }) => {
				const part = meetings.filter((meeting) => meeting.state === state);
				return part.length === 0 ? null : <Group key={state} title={title} meetings={part} />;
			})}
		</Column>
	);
}

function Group({ title, meetings }: { title: string; meetings: readonly Meeting[] }) {
	const { t } = useLingui();
	const words = useMeetingWords();
	const now = useMinute();
	return (
		<Card>
			<CardHead title={title} />
			<Lines label={title}>
				{meetings.map((meeting) => (
					<MeetingRow
						key={meeting.meeting_id}
						time={words.time(meeting, now)}
						live={meeting.state === "live"}
						title={
							<Link to="/meetings/$code" params={{ code: meeting.code }}>
								{words.title(meeting)}
							</Link>
						}
						detail={
							<Row gap={2} wrap>
								{meeting.state === "live" ? <Chip tone="good">{words.inside(meeting.inside)}</Chip> : null}
								<span>{words.detail(meeting)}</span>
							</Row>
						}
					>
						<Link
							to="/meetings/$code"
							params={{ code: meeting.code }}
							className={buttonClass({ size: "small" })}
							aria-label={t`Open ${words.title(meeting)}`}
						>
							{t`Open`}
						</Link>
					</MeetingRow>
				))}
			</Lines>
		</Card>
	);
}
