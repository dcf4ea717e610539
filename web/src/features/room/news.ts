import { useLingui } from "@lingui/react/macro";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import { doorQuery, meetingQuery, peopleQuery } from "@/api/queries";
import type { Door, Meeting, PeopleList, SeatRole } from "@/api/types";
import type { Session } from "@/call/session";
import { useRoom } from "@/features/room/context";
import { useRoleWords } from "@/features/room/role-words";
import { toast } from "@/ui/toasts";

/** What of a meeting is told to those inside when it changes. */
export type Told = {
	title: string | null;
	/** Null until it is known. */
	isLocked: boolean | null;
	host: { identity: string; name: string | null } | null;
	role: SeatRole;
};

export type News =
	| { kind: "title"; title: string }
	| { kind: "locked" | "opened" }
	| { kind: "host"; name: string | null }
	| { kind: "role"; role: SeatRole };

export function newsOf(before: Told, after: Told): News[] {
	const news: News[] = [];
	if (after.title && after.title !== before.title) news.push({ kind: "title", title: after.title });
	if (after.isLocked !== null && before.isLocked !== null && after.isLocked !== before.isLocked)
		news.push({ kind: after.isLocked ? "locked" : "opened" });
	if (after.role !== before.role) news.push({ kind: "role", role: after.role });
	// Who becomes the host oneself is told that already.
	else if (after.host && before.host && after.host.identity !== before.host.identity)
		news.push({ kind: "host", name: after.host.name });
	return news;
}

function toldOf(queries: QueryClient, code: string, session: Session): Told | null {
	const phase = session.phase.get();
	const door: Door | undefined = queries.getQueryData(doorQuery(code).queryKey);
	const meeting: Meeting | undefined = queries.getQueryData(meetingQuery(code).queryKey);
	const people: PeopleList | undefined = queries.getQueryData(peopleQuery(code).queryKey);
	if (phase.kind !== "inside" || !door || !people) return null;
	const host = people.people.find(({ role }) => role === "host");
	return {
		title: door.title ?? null,
		isLocked: meeting?.locked ?? null,
		host: host ? { identity: host.identity, name: host.name } : null,
		role: phase.seat.role,
	};
}

let say: (news: News) => void = () => {};
const nothing = () => null;

/** Says quietly what others changed about the meeting. */
export function useNews(): void {
	const { t } = useLingui();
	const { code, session } = useRoom();
	const queries = useQueryClient();
	const roles = useRoleWords();
	say = (news) => {
		switch (news.kind) {
			case "title":
				return toast(t`The meeting is called ${news.title} now.`);
			case "locked":
				return toast(t`The meeting is locked: nobody new comes in.`);
			case "opened":
				return toast(t`The meeting is open again.`);
			case "host": {
				const name = news.name ?? t`Someone`;
				return toast(t`${name} is the host now.`);
			}
			case "role": {
				const role = news.role === "host" ? t`Host` : roles.long[news.role];
				return toast(t`You are here now as: ${role}`);
			}
		}
	};
	const [watch] = useState(() => () => {
		let before = toldOf(queries, code, session);
		const look = () => {
			const after = toldOf(queries, code, session);
			const news = before && after ? newsOf(before, after) : [];
			before = after ?? before;
			for (const each of news) say(each);
		};
		const ends = [queries.getQueryCache().subscribe(look), session.phase.subscribe(look)];
		return () => {
			for (const end of ends) end();
		};
	});
	useSyncExternalStore(watch, nothing);
}
