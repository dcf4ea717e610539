import { useLingui } from "@lingui/react/macro";
import { Lock, MessageCircle, Mic, MonitorUp, Video } from "lucide-react";
import type { Meeting, Rights } from "@/api/types";
import { useChange } from "@/features/meetings/change";
import { EndMeeting } from "@/features/meetings/EndMeeting";
import { Limits } from "@/features/meetings/Limits";
import { Passcode } from "@/features/meetings/Passcode";
import { useAdmissionOptions } from "@/lib/admission-words";
import { Choice } from "@/ui/Choice";
import { Card, CardHead, Line, Lines, Row, Stack } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { Switch } from "@/ui/Switch";

/** Every change acts at once, and can be taken back. */
export function MeetingSettings({ meeting, isHost }: { meeting: Meeting; isHost: boolean }) {
	const { t } = useLingui();
	const options = useAdmissionOptions();
	const { change, error } = useChange(meeting);
	const { admission, locked } = meeting;
	return (
		<>
			<Card pad label={t`The way in`}>
				<Stack gap={4}>
					<h2>{t`The way in`}</h2>
					<ProblemNote error={error} />
					<Choice
						label={t`Who comes in`}
						value={admission}
						onChange={(next) => change({ admission: next }, { admission })}
						options={options}
					/>
					<Lines>
						<Line
							icon={<Lock aria-hidden />}
							title={t`Locked`}
							detail={t`Nobody new comes in, not even to knock. Who is inside stays.`}
						>
							<Switch
								label={t`Locked`}
								isSelected={locked}
								onChange={(next) => change({ locked: next }, { locked })}
							/>
						</Line>
					</Lines>
					<Passcode meeting={meeting} />
					<Limits meeting={meeting} />
				</Stack>
			</Card>
			<AttendeesMay meeting={meeting} />
			{isHost ? (
				<Row align="end">
					<EndMeeting code={meeting.code} />
				</Row>
			) : null}
		</>
	);
}

function AttendeesMay({ meeting }: { meeting: Meeting }) {
	const { t } = useLingui();
	const { change, error } = useChange(meeting);
	const may = meeting.attendees_may;
	const kinds: { id: keyof Rights; name: string; icon: typeof Mic }[] = [
		{ id: "microphone", name: t`Turn on their microphone`, icon: Mic },
		{ id: "camera", name: t`Turn on their camera`, icon: Video },
		{ id: "screen", name: t`Share their screen`, icon: MonitorUp },
		{ id: "chat", name: t`Write in the chat`, icon: MessageCircle },
	];
	return (
		<Card>
			<CardHead title={t`Attendees may`} />
			<ProblemNote inset error={error} />
			<Lines label={t`Attendees may`}>
				{kinds.map(({ id, name, icon: Icon }) => (
					<Line key={id} icon={<Icon aria-hidden />} title={name}>
						<Switch
							label={name}
							isSelected={may[id]}
							onChange={(on) => change({ attendees_may: { ...may, [id]: on } }, { attendees_may: may })}
						/>
					</Line>
				))}
			</Lines>
		</Card>
	);
}
