import { useLingui } from "@lingui/react/macro";
import { CircleDot, MessageCircle, UserRound, Users } from "lucide-react";
import type { Meeting, Policy } from "@/api/types";
import { useFormat } from "@/lib/format";
import { usePolicyWords } from "@/lib/policy-words";
import { Card, CardHead, Line, Lines } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

type Props = { meeting: Meeting; policy: Policy | undefined; error: unknown };

export function MeetingKeeps({ meeting, policy, error }: Props) {
	const { t } = useLingui();
	const format = useFormat();
	const words = usePolicyWords();
	const ended = meeting.state === "ended";
	if (error) return <ProblemNote error={error} />;
	return (
		<Card>
			<CardHead title={ended ? t`What was kept` : t`What this meeting keeps`} />
			{policy ? (
				<Lines>
					<Line
						icon={<MessageCircle aria-hidden />}
						title={t`Chat`}
						detail={
							meeting.chat_kept_until
								? t`Until ${format.day(meeting.chat_kept_until)}, seen by people in this meeting`
								: words.chat(policy)
						}
					/>
					<Line
						icon={<CircleDot aria-hidden />}
						title={t`Recording`}
						detail={ended ? t`None` : words.recording()}
					/>
					<Line icon={<Users aria-hidden />} title={t`Attendance`} detail={words.attendance(policy)} />
					<Line icon={<UserRound aria-hidden />} title={t`Guests`} detail={words.guest(policy)} />
				</Lines>
			) : (
				<SkeletonLines />
			)}
		</Card>
	);
}
