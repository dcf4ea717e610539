import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { meetingQuery, peopleQuery } from "@/api/queries";
import type { Door, Seat } from "@/api/types";
import type { Call } from "@/call/call";
import type { Session } from "@/call/session";
import { createTiles } from "@/call/tiles";
import { Alone } from "@/features/room/Alone";
import { AskCard } from "@/features/room/AskCard";
import { createRoomParts, RoomContext } from "@/features/room/context";
import { Dock } from "@/features/room/Dock";
import { isHosting, type PanelName } from "@/features/room/model";
import { Panel } from "@/features/room/Panel";
import { PipView } from "@/features/room/PipView";
import { PolicyCard } from "@/features/room/PolicyCard";
import { ReactionWords } from "@/features/room/Reactions";
import { RoomKeys } from "@/features/room/RoomKeys";
import { RoomNotes } from "@/features/room/RoomNotes";
import styles from "@/features/room/room.module.css";
import { SpeakerWords } from "@/features/room/SpeakerWords";
import { Stage } from "@/features/room/Stage";
import { SeatContext } from "@/features/room/seat";
import { Things } from "@/features/room/Things";
import { TopBar } from "@/features/room/TopBar";
import type { OpenThings, Thing } from "@/features/room/things";
import { focusFirst } from "@/lib/focus";
import { useStore } from "@/lib/use-store";
import { focusOnce } from "@/ui/Layout";

type Props = {
	code: string;
	seat: Seat;
	door: Door | undefined;
	session: Session;
	call: Call;
	/** The chat whole, for the panel, and what was said last, for a phone while the panel shows no chat. */
	chat: ReactNode;
	chatPeek: (onOpen: () => void) => ReactNode;
};

export function Room({ code, seat, door, session, call, chat, chatPeek }: Props) {
	const { t } = useLingui();
	const [parts] = useState(() => createRoomParts(code, call, session));
	const view = useStore(call.view);
	const { data } = useQuery(peopleQuery(code));
	const { data: meeting } = useQuery(meetingQuery(code));
	const [tilesOf] = useState(createTiles);
	const [panel, setPanel] = useState<PanelName | null>(null);
	const [open, setOpen] = useState<Thing | null>(null);
	const things: OpenThings = {
		open,
		toggle: (thing) => setOpen((now) => (now === thing ? null : thing)),
		close: () => setOpen(null),
	};
	// Whoever was in the panel is put back on the button that opened it.
	const close = () => {
		setPanel(null);
		if (panel) focusFirst(`dock-${panel}`, `top-${panel}`);
	};
	const toggle = (name: PanelName) => (panel === name ? close() : setPanel(name));
	const people = data?.people ?? [];
	const inside = people.filter(({ status }) => status === "admitted");
	const waiting = isHosting(seat.role) ? people.filter(({ status }) => status === "waiting").length : 0;
	const tiles = tilesOf(inside, view.peers);
	const title = door?.title ?? t`Meeting ${code}`;
	return (
		<RoomContext value={parts}>
			<SeatContext value={seat}>
				<div className={panel ? `${styles.room} ${styles.withPanel}` : styles.room}>
					<title>{`${title} · Kloud`}</title>
					<RoomKeys onPanel={toggle} onClose={open ? things.close : close} things={things} />
					<TopBar
						title={title}
						count={tiles.length}
						isLocked={meeting?.locked ?? false}
						waiting={waiting}
						view={view}
						onPeople={() => toggle("people")}
					/>
					<RoomNotes
						call={call}
						view={view}
						waiting={panel === "people" ? 0 : waiting}
						things={things}
						onOpenPeople={() => setPanel("people")}
					/>
					<main className={styles.main} id="main" tabIndex={-1} ref={focusOnce}>
						<Stage tiles={tiles} />
						{tiles.length < 2 ? <Alone code={code} /> : null}
						{panel === "chat" ? null : chatPeek(() => setPanel("chat"))}
					</main>
					{panel ? (
						<Panel name={panel} onName={setPanel} onClose={close} people={people} tiles={tiles} chat={chat} />
					) : null}
					<AskCard call={call} view={view} />
					<PolicyCard policy={door?.policy} />
					<Things things={things} />
					<Dock door={door} view={view} panel={panel} waiting={waiting} things={things} onPanel={toggle} />
					<SpeakerWords tiles={tiles} />
					<ReactionWords tiles={tiles} />
					<PipView tiles={tiles} />
				</div>
			</SeatContext>
		</RoomContext>
	);
}
