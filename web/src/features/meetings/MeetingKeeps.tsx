import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { CircleDot, MessageCircle, UserRound, Users } from "lucide-react";
import type { Meeting } from "@/api/types";
import { useChange } from "@/features/meetings/change";
import { usePolicyWords } from "@/lib/policy-words";
import { Card, CardHead, Line, Lines } from "@/ui/Layout";
import { Quiet } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";
import { Select } from "@/ui/Select";
import { Switch } from "@/ui/Switch";

/** What the meeting keeps; its host sets it, and everyone sees it before they join. */
export function MeetingKeeps({ meeting, isHost }: { meeting: Meeting; isHost: boolean }) {
	const { t } = useLingui();
	const words = usePolicyWords();
	const { change, error } = useChange(meeting);
	const { policy } = meeting;
	const days = [1, 7, 30, 90].map((count) => ({
		id: String(count),
		name: plural(count, { one: "# day after its end", other: "# days after its end" }),
	}));
	const attendance = policy.attendance;
	return (
		<Card>
			<CardHead title={t`What this meeting keeps`} />
			<ProblemNote inset error={error} />
			<Lines>
				<Line icon={<MessageCircle aria-hidden />} title={t`Chat`} detail={words.chat(policy)} />
				{isHost ? (
					<li>
						<Select
							label={t`Keep the chat`}
							options={days}
							value={String(policy.chat_kept_days)}
							onChange={(next) =>
								change(
									{ policy: { chat_kept_days: Number(next), attendance: null } },
									{ policy: { chat_kept_days: policy.chat_kept_days, attendance: null } },
								)
							}
						/>
					</li>
				) : null}
				<Line icon={<Users aria-hidden />} title={t`Attendance`} detail={words.attendance(policy)}>
					{isHost ? (
						<Switch
							label={t`Keep the attendance`}
							isSelected={attendance === "kept"}
							onChange={(keeps) =>
								change(
									{ policy: { chat_kept_days: null, attendance: keeps ? "kept" : "not_kept" } },
									{ policy: { chat_kept_days: null, attendance } },
								)
							}
						/>
					) : null}
				</Line>
				<Line icon={<CircleDot aria-hidden />} title={t`Recording`} detail={words.recording()} />
				<Line icon={<UserRound aria-hidden />} title={t`Guests`} detail={words.guest(policy)} />
				{isHost ? (
					<li>
						<Quiet>{t`Whoever is inside is asked again when you keep more.`}</Quiet>
					</li>
				) : null}
			</Lines>
		</Card>
	);
}
