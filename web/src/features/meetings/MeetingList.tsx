import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { CalendarPlus, Search, Video } from "lucide-react";
import { useState } from "react";
import { meetingsQuery } from "@/api/queries";
import type { Meeting } from "@/api/types";
import styles from "@/features/meetings/meetings.module.css";
import { useMinute } from "@/lib/clock";
import { isCalled, meetingsAt } from "@/lib/meeting-order";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Card, CardHead, Lines, PageHead } from "@/ui/Layout";
import { MeetingLine } from "@/ui/MeetingLine";
import { Empty } from "@/ui/Note";
import { Column, Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

export function MeetingList({ onPlan }: { onPlan: () => void }) {
	const { t } = useLingui();
	const meetings = useQuery(meetingsQuery());
	return (
		<Page>
			<title>{t`Meetings · Kloud`}</title>
			<PageHead title={t`Meetings`} lead={t`Meetings you made or were in. Seen by you alone.`}>
				<Button look="primary" onPress={onPlan}>
					<CalendarPlus aria-hidden />
					{t`Plan a meeting`}
				</Button>
			</PageHead>
			{meetings.isPending ? (
				<Card>
					<SkeletonLines count={5} />
				</Card>
			) : meetings.isError ? (
				<ProblemNote error={meetings.error} onRetry={() => void meetings.refetch()} />
			) : meetings.data.meetings.length === 0 ? (
				<Card>
					<Empty
						icon={<Video aria-hidden />}
						action={
							<Button look="primary" onPress={onPlan}>
								{t`Plan a meeting`}
							</Button>
						}
					>
						{t`No meetings yet. When you make one or join one, it stands here with what it keeps.`}
					</Empty>
				</Card>
			) : (
				<Groups meetings={meetings.data.meetings} />
			)}
		</Page>
	);
}

function Groups({ meetings }: { meetings: readonly Meeting[] }) {
	const { t } = useLingui();
	const now = useMinute();
	const [words, setWords] = useState("");
	const found = meetings.filter((meeting) => isCalled(meeting, words));
	const groups = [
		{ place: "now", title: t`Now` },
		{ place: "next", title: t`Next` },
		{ place: "whenever", title: t`Whenever` },
		{ place: "before", title: t`Before` },
	] as const;
	return (
		<>
			<search className={styles.search}>
				<Field
					label={t`Find a meeting by its title`}
					labelHidden
					placeholder={t`Find a meeting by its title`}
					type="search"
					isPlain
					autoComplete="off"
					value={words}
					onChange={setWords}
					start={<Search aria-hidden />}
				/>
			</search>
			<Column>
				{groups.map(({ place, title }) => {
					const part = meetingsAt(place, found, now);
					return part.length === 0 ? null : (
						<Card key={place}>
							<CardHead title={title} />
							<Lines label={title}>
								{part.map((meeting) => (
									<MeetingLine key={meeting.code} meeting={meeting} now={now} />
								))}
							</Lines>
						</Card>
					);
				})}
				<div role="status">
					{found.length === 0 ? (
						<Card>
							<Empty icon={<Search aria-hidden />}>{t`No meeting has these words in its title.`}</Empty>
						</Card>
					) : null}
				</div>
			</Column>
		</>
	);
}
