import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { Meeting } from "@/api/types";
import { useMeetingWords } from "@/lib/meeting-words";
import { buttonClass } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Lines, Row } from "@/ui/Layout";
import { MeetingRow } from "@/ui/MeetingRow";

export function RecentMeetings({ meetings, now }: { meetings: readonly Meeting[]; now: Date }) {
	const { t } = useLingui();
	const words = useMeetingWords();
	return (
		<Lines label={t`Recent meetings`}>
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
					{meeting.state === "ended" ? null : (
						<a
							className={buttonClass({ size: "small", look: meeting.state === "live" ? "primary" : "plain" })}
							href={`/m/${meeting.code}`}
							aria-label={t`Join ${words.title(meeting)}`}
						>
							{t`Join`}
						</a>
					)}
				</MeetingRow>
			))}
		</Lines>
	);
}
