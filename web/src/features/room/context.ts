import { createContext, use } from "react";
import type { Call } from "@/call/call";
import { createDeviceWatch, type DeviceWatch } from "@/call/devices";
import { countFrames, createPace, type Pace } from "@/call/pace";
import type { Session } from "@/call/session";
import { createTalk, type Talk } from "@/call/talk";
import { createToggle, createWishes, type Wishes } from "@/features/room/model";
import { readChoice } from "@/lib/choices";
import { browserTimers } from "@/lib/timers";

/** What one visit to a room has, the same for as long as it is open. */
export type RoomParts = {
	code: string;
	call: Call;
	session: Session;
	wishes: Wishes;
	devices: DeviceWatch;
	talk: Talk;
	pace: Pace;
	/** No pictures of others, by this person's choice: for a thin line, a dear one, or a tired eye. */
	isSoundFirst: ReturnType<typeof createToggle>;
	isPushToTalk: ReturnType<typeof createToggle>;
	saysSpeaker: ReturnType<typeof createToggle>;
};

export function createRoomParts(code: string, call: Call, session: Session): RoomParts {
	if (readChoice("noise") === "true") void call.quieten(true);
	return {
		code,
		call,
		session,
		wishes: createWishes(),
		devices: createDeviceWatch(globalThis.navigator?.mediaDevices),
		talk: createTalk(call),
		pace: createPace(countFrames, browserTimers),
		isSoundFirst: createToggle("sound-first", false),
		isPushToTalk: createToggle("push-to-talk", true),
		saysSpeaker: createToggle("speaker-words", true),
	};
}

export const RoomContext = createContext<RoomParts | null>(null);

export function useRoom(): RoomParts {
	const parts = use(RoomContext);
	if (!parts) throw new Error("a part of the room outside of it");
	return parts;
}
