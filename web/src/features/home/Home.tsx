import { useLingui } from "@lingui/react/macro";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MapPinOff, MicOff, Video, VideoOff } from "lucide-react";
import { meetingsQuery, meQuery } from "@/api/queries";
import styles from "@/features/home/home.module.css";
import { JoinField } from "@/features/home/JoinField";
import { greetingAt } from "@/features/home/model";
import { NewMeeting } from "@/features/home/NewMeeting";
import { RecentMeetings } from "@/features/home/RecentMeetings";
import { useMinute } from "@/lib/clock";
import { useFormat } from "@/lib/format";
import { Card, CardHead, PageHead } from "@/ui/Layout";
import { Empty, Quiet } from "@/ui/Note";
import { Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

export function Home() {
	const { t } = useLingui();
	const format = useFormat();
	const now = useMinute();
	const { data: me } = useSuspenseQuery(meQuery());
	const meetings = useQuery(meetingsQuery());
	const hello = {
		morning: t`Good morning, ${me.nickname}`,
		day: t`Good afternoon, ${me.nickname}`,
		evening: t`Good evening, ${me.nickname}`,
	};
	return (
		<Page>
			<title>{t`Home · Kloud`}</title>
			<PageHead above={format.weekday(now)} title={hello[greetingAt(now)]}>
				<div className={styles.desk}>
					<EverythingOff />
				</div>
			</PageHead>
			<div className={styles.start}>
				<NewMeeting />
				<JoinField />
			</div>
			<Card>
				<CardHead title={t`Recent meetings`}>
					{meetings.data?.meetings.length ? <Link to="/meetings">{t`All meetings`}</Link> : null}
				</CardHead>
				{meetings.isPending ? (
					<SkeletonLines />
				) : meetings.isError ? (
					<ProblemNote inset error={meetings.error} onRetry={() => void meetings.refetch()} />
				) : meetings.data.meetings.length === 0 ? (
					<Empty icon={<Video aria-hidden />}>
						{t`A meeting is a link. Make one above and give it to whom you want to meet; they need no account.`}
					</Empty>
				) : (
					<RecentMeetings meetings={meetings.data.meetings.slice(0, 5)} now={now} />
				)}
			</Card>
			<div className={styles.hand}>
				<EverythingOff />
			</div>
		</Page>
	);
}

function EverythingOff() {
	const { t } = useLingui();
	return (
		<Quiet center>
			<MicOff aria-hidden />
			<VideoOff aria-hidden />
			<MapPinOff aria-hidden />
			{t`Everything is off. You decide, each time.`}
		</Quiet>
	);
}
