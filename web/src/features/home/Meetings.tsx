import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarClock } from "lucide-react";
import { meetingsQuery } from "@/api/queries";
import type { Meeting } from "@/api/types";
import { meetingsAt } from "@/lib/meeting-order";
import { Button } from "@/ui/Button";
import { Card, CardHead, Lines } from "@/ui/Layout";
import { MeetingLine } from "@/ui/MeetingLine";
import { Empty } from "@/ui/Note";
import { Column } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

type Props = { now: Date; onPlan: () => void };

/** What comes, what goes on first; and what was, as long as it is near. */
export function Meetings({ now, onPlan }: Props) {
	const { t } = useLingui();
	const meetings = useQuery(meetingsQuery());
	const all = meetings.data?.meetings ?? [];
	const next = [...meetingsAt("now", all, now), ...meetingsAt("next", all, now)].slice(0, 6);
	const before = meetingsAt("before", all, now).slice(0, 3);
	return (
		<Column>
			<Card>
				<CardHead title={t`Next meetings`}>
					{all.length ? <Link to="/meetings">{t`All meetings`}</Link> : null}
				</CardHead>
				{meetings.isPending ? (
					<SkeletonLines />
				) : meetings.isError ? (
					<ProblemNote inset error={meetings.error} onRetry={() => void meetings.refetch()} />
				) : next.length === 0 ? (
					<Empty
						icon={<CalendarClock aria-hidden />}
						action={<Button onPress={onPlan}>{t`Plan a meeting`}</Button>}
					>
						{t`Nothing is planned. A meeting is a link; whom you give it to needs no account.`}
					</Empty>
				) : (
					<List label={t`Next meetings`} meetings={next} now={now} />
				)}
			</Card>
			{before.length ? (
				<Card>
					<CardHead title={t`Before`} />
					<List label={t`Before`} meetings={before} now={now} />
				</Card>
			) : null}
		</Column>
	);
}

function List({ label, meetings, now }: { label: string; meetings: readonly Meeting[]; now: Date }) {
	return (
		<Lines label={label}>
			{meetings.map((meeting) => (
				<MeetingLine key={meeting.code} meeting={meeting} now={now} />
			))}
		</Lines>
	);
}
