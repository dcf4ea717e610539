import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { peopleQuery } from "@/api/queries";
import type { Door, Seat } from "@/api/types";
import type { Call } from "@/call/call";
import type { Session } from "@/call/session";
import { stageOf } from "@/call/tiles";
import { AskCard } from "@/features/room/AskCard";
import { Dock } from "@/features/room/Dock";
import { useRoomKeys } from "@/features/room/keys";
import { createOrder, type PanelName } from "@/features/room/model";
import { Panel } from "@/features/room/Panel";
import { RoomNotes } from "@/features/room/RoomNotes";
import styles from "@/features/room/room.module.css";
import { Stage } from "@/features/room/Stage";
import { TopBar } from "@/features/room/TopBar";
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
	const view = useStore(call.view);
	const { data } = useQuery(peopleQuery(code));
	const [order] = useState(createOrder);
	const [panel, setPanel] = useState<PanelName | null>(null);
	// Whoever was in the panel is put back on the button that opened it.
	const close = () => {
		setPanel(null);
		if (panel) document.getElementById(`dock-${panel}`)?.focus();
	};
	const toggle = (name: PanelName) => (panel === name ? close() : setPanel(name));
	useRoomKeys({ press: call.press, toggle, close });
	const people = data?.people ?? [];
	const inside = people.filter(({ status }) => status === "admitted");
	const waiting = people.filter(({ status }) => status === "waiting");
	const tiles = order.tiles(inside, view.peers);
	const title = door?.title ?? t`Meeting ${code}`;
	const isHost = seat.role === "host";
	return (
		<div className={panel ? `${styles.room} ${styles.withPanel}` : styles.room}>
			<title>{`${title} · Kloud`}</title>
			<TopBar title={title} count={tiles.length} view={view} />
			<main className={styles.main} id="main" tabIndex={-1} ref={focusOnce}>
				<RoomNotes
					call={call}
					view={view}
					waiting={isHost && panel !== "people" ? waiting.length : 0}
					onOpenPeople={() => setPanel("people")}
				/>
				<Stage code={code} tiles={tiles} stage={stageOf(view.peers)} isHost={isHost} />
				{panel === "chat" ? null : chatPeek(() => setPanel("chat"))}
			</main>
			{panel ? (
				<Panel
					name={panel}
					onName={setPanel}
					onClose={close}
					code={code}
					seat={seat}
					people={people}
					peers={view.peers}
					chat={chat}
				/>
			) : null}
			<AskCard call={call} devices={view.devices} />
			<Dock
				code={code}
				seat={seat}
				door={door}
				session={session}
				call={call}
				view={view}
				panel={panel}
				waiting={isHost ? waiting.length : 0}
				onPanel={toggle}
			/>
		</div>
	);
}
