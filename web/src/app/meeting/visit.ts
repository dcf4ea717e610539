import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { QueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import { events } from "@/api/live";
import { fetchMessage, fetchNewMessages, refreshMessages } from "@/api/messages";
import { doorQuery, loadMe, meetingQuery, peopleQuery } from "@/api/queries";
import { acceptPolicy } from "@/api/seats";
import { createBlurWish } from "@/call/blur/level";
import { type Call, createCall } from "@/call/call";
import { keepPath } from "@/call/path";
import { createPreview, type Preview } from "@/call/preview";
import { createSession, type Phase, type Session } from "@/call/session";
import { endFloating } from "@/features/room/pip";
import { enterStage, leaveStage } from "@/lib/appearance";
import { currentLanguage } from "@/lib/i18n";
import { atMostEvery, browserTimers } from "@/lib/timers";
import { serverAnswers } from "@/lib/way-back";
import { toast } from "@/ui/toasts";

/** Everything one visit to a meeting needs, tied to the server. */
export type Visit = {
	code: string;
	call: Call;
	preview: Preview;
	session: Session;
	/** Whether this visit was inside before: whoever waits then was put back. */
	wasInside: () => boolean;
};

/** Milliseconds between two readings of who is inside: when many come at once, each of them is told of all others. */
const PEOPLE_REST = 500;

const openMedia = () => import("#media").then((file) => file.openMedia());

export function createVisit(code: string, queries: QueryClient): Visit {
	const path = { code };
	const blur = createBlurWish();
	const preview = createPreview(navigator.mediaDevices, blur);
	const call = createCall({
		openMedia,
		blur,
		permit: async (source, on) => {
			const { data, error } = await client.PUT("/api/meetings/{code}/seat/devices/{source}", {
				params: { path: { code, source } },
				body: { on, language: currentLanguage() },
			});
			if (error) throw error;
			return data.permits;
		},
	});
	const session = createSession({
		call,
		events,
		timers: browserTimers,
		answers: serverAnswers,
		join: async (name, knock) => {
			const { data, error } = await client.POST("/api/meetings/{code}/join", {
				params: { path },
				body: { name: name ?? undefined, ...knock },
			});
			if (error) throw error;
			return data;
		},
		seat: async () => {
			const { data, error } = await client.GET("/api/meetings/{code}/seat", { params: { path } });
			if (error) throw error;
			return data;
		},
		leave: async () => {
			await client.POST("/api/meetings/{code}/seat/leave", { params: { path } });
		},
		onPeople: atMostEvery(PEOPLE_REST, () => void queries.invalidateQueries(peopleQuery(code))),
		accept: (version) => acceptPolicy(code, version),
		onMeeting: () => {
			void queries.invalidateQueries(doorQuery(code));
			void queries.invalidateQueries(meetingQuery(code));
		},
		onMessage: (conversation, message) => void fetchMessage(queries, conversation, message),
		onMessages: (conversation, news) =>
			void (news === "sent" ? fetchNewMessages : refreshMessages)(queries, conversation),
	});
	keepPath({ view: call.view, check: events.check, move: call.move, timers: browserTimers });
	void followOwnAccount(code, queries, () => void session.refresh());
	// A loudspeaker can be chosen only once something is to be heard.
	let speaker: string | null = null;
	call.view.subscribe(() => {
		if (!speaker || call.view.get().connection !== "connected") return;
		const chosen = speaker;
		speaker = null;
		void call.choose("speaker", chosen);
	});
	let before: Phase["kind"] = "door";
	let hasBeenInside = false;
	session.phase.subscribe(() => {
		const { kind } = session.phase.get();
		if (before === "waiting" && kind === "inside") toast(i18n._(msg`You were let in`));
		hasBeenInside ||= kind === "inside";
		if (kind === "inside") enterStage();
		else {
			leaveStage();
			endFloating();
		}
		if (before === "door") speaker = preview.view.get().chosen.speaker;
		if (kind !== "door") preview.stop();
		// Who waits keeps the place, too.
		markInside(kind === "inside" || kind === "waiting");
		before = kind;
	});
	return { code, call, preview, session, wasInside: () => hasBeenInside };
}

/** Kept by this tab's own history entry, so that nothing is written anywhere. */
function markInside(inside: boolean): void {
	history.replaceState(inside ? { inside } : null, "");
}

/** Whether this page was inside when it was loaded again. */
export function wasInside(): boolean {
	const [navigation] = performance.getEntriesByType("navigation");
	const isLoadedAgain = navigation instanceof PerformanceNavigationTiming && navigation.type === "reload";
	return isLoadedAgain && history.state?.inside === true;
}

/** A permission that is taken back elsewhere acts in this meeting too. A guest has no elsewhere. */
async function followOwnAccount(code: string, queries: QueryClient, onChange: () => void): Promise<void> {
	try {
		const door = await queries.ensureQueryData(doorQuery(code));
		const me = door.you.kind === "account" ? await loadMe(queries) : null;
		if (me) events.watch(me.account_id, onChange);
	} catch {
		// The door's own page says what is wrong.
	}
}

/** Fetches the media library while the person reads the door, so that the room opens at once. */
export function fetchMediaWhenIdle(): void {
	const fetchIt = () => void import("#media");
	if ("requestIdleCallback" in globalThis) requestIdleCallback(fetchIt, { timeout: 4000 });
	else setTimeout(fetchIt, 1500);
}
