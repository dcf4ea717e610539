import { useLingui } from "@lingui/react/macro";
import {
	Ban,
	Crown,
	DoorOpen,
	Hand,
	Lock,
	LockOpen,
	Mic,
	MicOff,
	MonitorOff,
	UserRound,
	UserX,
	Video,
	VideoOff,
} from "lucide-react";
import type { Person } from "@/api/types";
import type { Tile } from "@/call/tiles";
import type { Source } from "@/call/types";
import { useRoom } from "@/features/room/context";
import { useHosting } from "@/features/room/hosting";
import { useRoleWords } from "@/features/room/role-words";
import { useOwnSeat } from "@/features/room/seat";
import { MenuGroup, MenuItem, SubMenu } from "@/ui/Menu";

type Props = { person: Person; tile: Pick<Tile, "isHeard" | "camera" | "screen"> | undefined };

/** What hosts can do with a person. They can silence and ask, never switch on. */
export function PersonItems({ person, tile }: Props) {
	const { t } = useLingui();
	const { code } = useRoom();
	const { role } = useOwnSeat();
	const hosting = useHosting(code);
	const name = person.name ?? hosting.unknownName;
	const id = person.participant_id;
	// Whom the meeting belongs to is above those who help.
	if (person.role === "host") return null;
	return (
		<>
			<MenuGroup label={t`Devices`}>
				<DeviceItems source="microphone" isOn={tile?.isHeard ?? false} person={person} name={name} />
				<DeviceItems source="camera" isOn={Boolean(tile?.camera)} person={person} name={name} />
				<DeviceItems source="screen" isOn={Boolean(tile?.screen)} person={person} name={name} />
			</MenuGroup>
			<MenuGroup label={t`Their part`}>
				{person.hand === null ? null : (
					<MenuItem
						icon={<Hand aria-hidden />}
						onAction={() => void hosting.person(id, { act: "lower-hand" })}
					>
						{t`Lower hand`}
					</MenuItem>
				)}
				<RoleItems person={person} name={name} />
				{role === "host" ? (
					<MenuItem
						icon={<Crown aria-hidden />}
						onAction={() =>
							void hosting.person(id, { act: "hand-over" }, t`${name} is the host now; you are co-host.`)
						}
					>
						{t`Hand the meeting over`}
					</MenuItem>
				) : null}
			</MenuGroup>
			<MenuGroup label={t`Leaving`}>
				<MenuItem
					icon={<DoorOpen aria-hidden />}
					onAction={() => void hosting.person(id, { act: "put-back" }, t`${name} waits at the door.`)}
				>
					{t`Put back to the door`}
				</MenuItem>
				<MenuItem
					icon={<UserX aria-hidden />}
					bad
					onAction={() =>
						void hosting.person(id, { act: "remove" }, t`${name} was taken out, and may knock again.`)
					}
				>
					{t`Take out of the meeting`}
				</MenuItem>
				<MenuItem
					icon={<Ban aria-hidden />}
					bad
					onAction={() =>
						void hosting.person(id, { act: "ban" }, t`${name} was taken out, and cannot come back.`)
					}
				>
					{t`Take out and ban`}
				</MenuItem>
			</MenuGroup>
		</>
	);
}

function RoleItems({ person, name }: { person: Person; name: string }) {
	const { t } = useLingui();
	const { code } = useRoom();
	const { role } = useOwnSeat();
	const hosting = useHosting(code);
	const words = useRoleWords();
	const offered = (["co_host", "speaker", "attendee", "viewer"] as const).filter(
		(each) => each !== "co_host" || role === "host",
	);
	return (
		<SubMenu label={t`Role`} icon={<UserRound aria-hidden />}>
			{offered.map((each) => {
				const roleName = words.long[each];
				return (
					<MenuItem
						key={each}
						isChosen={person.role === each}
						onAction={() =>
							void hosting.person(person.participant_id, { act: "role", role: each }, t`${name}: ${roleName}`)
						}
					>
						{roleName}
					</MenuItem>
				);
			})}
		</SubMenu>
	);
}

type DeviceProps = { source: Source; isOn: boolean; person: Person; name: string };

function DeviceItems({ source, isOn, person, name }: DeviceProps) {
	const { t } = useLingui();
	const { code } = useRoom();
	const hosting = useHosting(code);
	const id = person.participant_id;
	const words = {
		microphone: {
			stop: t`Mute`,
			hold: t`Mute and keep muted`,
			ask: t`Ask to unmute`,
			allow: t`Allow microphone again`,
			stopped: t`${name} is muted. Only they can turn it on again.`,
			held: t`${name} is muted until you allow the microphone again.`,
			on: <Mic aria-hidden />,
			off: <MicOff aria-hidden />,
		},
		camera: {
			stop: t`Stop camera`,
			hold: t`Stop camera and keep it off`,
			ask: t`Ask to turn on camera`,
			allow: t`Allow camera again`,
			stopped: t`The camera of ${name} is off. Only they can turn it on again.`,
			held: t`The camera of ${name} is off until you allow it again.`,
			on: <Video aria-hidden />,
			off: <VideoOff aria-hidden />,
		},
		screen: {
			stop: t`Stop their sharing`,
			hold: t`Stop sharing and keep it off`,
			ask: "",
			allow: t`Allow sharing again`,
			stopped: t`${name} no longer shares.`,
			held: t`${name} cannot share until you allow it again.`,
			on: <MonitorOff aria-hidden />,
			off: <MonitorOff aria-hidden />,
		},
	}[source];
	const stop = (stay: boolean) =>
		void hosting.person(id, { act: "stop", source, stay }, stay ? words.held : words.stopped);
	if (person.held[source])
		return (
			<MenuItem
				icon={<LockOpen aria-hidden />}
				onAction={() => void hosting.person(id, { act: "allow", source })}
			>
				{words.allow}
			</MenuItem>
		);
	return (
		<>
			{isOn ? (
				<MenuItem icon={words.off} onAction={() => stop(false)}>
					{words.stop}
				</MenuItem>
			) : null}
			{!isOn && source !== "screen" && person.rights[source] ? (
				<MenuItem
					icon={words.on}
					onAction={() =>
						void hosting.person(id, { act: "ask", source }, t`${name} was asked. It is theirs to answer.`)
					}
				>
					{words.ask}
				</MenuItem>
			) : null}
			{isOn || source === "microphone" ? (
				<MenuItem icon={<Lock aria-hidden />} onAction={() => stop(true)}>
					{words.hold}
				</MenuItem>
			) : null}
		</>
	);
}
