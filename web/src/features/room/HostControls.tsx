import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Hand, MicOff } from "lucide-react";
import { useState } from "react";
import { meetingQuery } from "@/api/queries";
import type { Meeting, Rights } from "@/api/types";
import { useRoom } from "@/features/room/context";
import { useHosting } from "@/features/room/hosting";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { Answers, Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Line, Lines, Row, Stack, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";
import { Switch } from "@/ui/Switch";

type Props = { isOpen: boolean; onClose: () => void };

/** What holds for the whole meeting. Each switch says what it does; the server holds to it, not this page. */
export function HostControls({ isOpen, onClose }: Props) {
	const { t } = useLingui();
	const { code } = useRoom();
	const hosted = useQuery({ ...meetingQuery(code), enabled: isOpen });
	return (
		<Dialog title={t`Host controls`} isOpen={isOpen} onClose={onClose} width="wide">
			{hosted.isError ? (
				<ProblemNote error={hosted.error} onRetry={() => void hosted.refetch()} />
			) : hosted.data ? (
				<Controls meeting={hosted.data} />
			) : (
				<SkeletonLines />
			)}
		</Dialog>
	);
}

function Controls({ meeting }: { meeting: Meeting }) {
	const { t } = useLingui();
	const { code } = useRoom();
	const hosting = useHosting(code);
	const may = meeting.attendees_may;
	const rows: { right: keyof Rights; title: string }[] = [
		{ right: "microphone", title: t`Turn on the microphone` },
		{ right: "camera", title: t`Turn on the camera` },
		{ right: "screen", title: t`Share the screen` },
		{ right: "chat", title: t`Write and react` },
	];
	return (
		<Stack gap={5}>
			<Stack gap={2}>
				<Text weight="strong" as="h3">{t`Everyone at once`}</Text>
				<Answers>
					<Button
						onPress={() =>
							void hosting.meeting(
								{ act: "mute-all", stay: false },
								t`All are muted. Each can turn it on again.`,
							)
						}
					>
						<MicOff aria-hidden />
						{t`Mute all`}
					</Button>
					<Button
						onPress={() =>
							void hosting.meeting(
								{ act: "mute-all", stay: true },
								t`Attendees are muted until you allow the microphone again.`,
							)
						}
					>
						<MicOff aria-hidden />
						{t`Mute all and keep muted`}
					</Button>
				</Answers>
				<Row>
					<Button onPress={() => void hosting.meeting({ act: "lower-hands" }, t`All hands are down.`)}>
						<Hand aria-hidden />
						{t`Lower all hands`}
					</Button>
				</Row>
			</Stack>
			<Stack gap={2}>
				<Text weight="strong" as="h3">{t`Attendees may`}</Text>
				<Lines label={t`Attendees may`}>
					{rows.map(({ right, title }) => (
						<Line key={right} title={title}>
							<Switch
								label={title}
								isSelected={may[right]}
								onChange={(on) => void hosting.change({ attendees_may: { ...may, [right]: on } })}
							/>
						</Line>
					))}
				</Lines>
				<Text tone="quiet" size={13}>
					{t`Hosts, co-hosts and speakers always may. To allow again turns nothing on.`}
				</Text>
			</Stack>
			<Entrance meeting={meeting} />
		</Stack>
	);
}

function Entrance({ meeting }: { meeting: Meeting }) {
	const { t } = useLingui();
	const { code } = useRoom();
	const hosting = useHosting(code);
	return (
		<Stack gap={3}>
			<Text weight="strong" as="h3">{t`Who comes in`}</Text>
			<Lines label={t`Who comes in`}>
				<Line title={t`Lock the meeting`} detail={t`Nobody new comes in or can knock. Who is inside stays.`}>
					<Switch
						label={t`Lock the meeting`}
						isSelected={meeting.locked}
						onChange={(locked) =>
							void hosting.change(
								{ locked },
								locked ? t`The meeting is locked.` : t`The meeting is open again.`,
							)
						}
					/>
				</Line>
			</Lines>
			<Choice
				label={t`Without an invitation by name`}
				value={meeting.admission}
				onChange={(admission) => void hosting.change({ admission })}
				options={[
					{ id: "link", name: t`Everyone with the link comes in` },
					{ id: "lobby", name: t`You let each person in` },
				]}
			/>
			<Passcode passcode={meeting.passcode} />
		</Stack>
	);
}

const shortest = 4;

function Passcode({ passcode }: { passcode: string | null }) {
	const { t } = useLingui();
	const { code } = useRoom();
	const hosting = useHosting(code);
	const [text, setText] = useState(passcode ?? "");
	const set = (next: string, done: string) => {
		setText(next);
		void hosting.change({ passcode: next }, done);
	};
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				if (text.trim().length >= shortest) set(text.trim(), t`The passcode is asked from now on.`);
			}}
		>
			<Stack gap={2}>
				<Field
					label={t`Passcode`}
					hint={t`4 to 32 characters, asked at the door besides the link.`}
					value={text}
					onChange={setText}
					maxLength={32}
					isPlain
				/>
				<Row>
					<Button type="submit" isDisabled={text.trim().length < shortest || text.trim() === passcode}>
						{t`Set passcode`}
					</Button>
					{passcode ? (
						<Button look="ghost" onPress={() => set("", t`No passcode is asked any more.`)}>
							{t`Take it away`}
						</Button>
					) : null}
				</Row>
			</Stack>
		</form>
	);
}
