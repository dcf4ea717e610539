import { createContext, use } from "react";
import type { Call } from "@/call/call";
import { createDeviceWatch, type DeviceWatch } from "@/call/devices";
import type { Session } from "@/call/session";
import { createTalk, type Talk } from "@/call/talk";
import { createToggle, createWishes, type Wishes } from "@/features/room/model";

/** What one visit to a room has, the same for as long as it is open. */
export type RoomParts = {
	code: string;
	call: Call;
	session: Session;
	wishes: Wishes;
	devices: DeviceWatch;
	talk: Talk;
	isPushToTalk: ReturnType<typeof createToggle>;
	saysSpeaker: ReturnType<typeof createToggle>;
};

export function createRoomParts(code: string, call: Call, session: Session): RoomParts {
	return {
		code,
		call,
		session,
		wishes: createWishes(),
		devices: createDeviceWatch(globalThis.navigator?.mediaDevices),
		talk: createTalk(call),
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
