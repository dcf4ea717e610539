import type { Door } from "@/api/types";
import type { PreviewView } from "@/call/preview";
import type { Source } from "@/call/types";
import { problemOf } from "@/lib/problem";

/** What the join button does: its words and its act are decided in one place. */
export type JoinAct =
	| { kind: "knock" }
	| { kind: "with"; devices: readonly Source[] }
	| { kind: "everything-off" };

export function joinActOf(
	door: Pick<Door, "you">,
	preview: Pick<PreviewView, "camera" | "microphone">,
): JoinAct {
	// Who knocks waits with everything off, whatever they tried here.
	if (door.you.knocks) return { kind: "knock" };
	const devices: Source[] = [];
	if (preview.microphone.kind === "on") devices.push("microphone");
	if (preview.camera.kind === "on") devices.push("camera");
	return devices.length > 0 ? { kind: "with", devices } : { kind: "everything-off" };
}

/** A passcode that is wanted or wrong belongs to its field; any other failure stands above the button. */
export function passcodeErrorOf(error: unknown): unknown {
	if (!error) return null;
	return /^(passcode_needed|wrong_passcode)$/.test(problemOf(error).code) ? error : null;
}

/** A refusal that the door's own page has words for. */
export function isDoorNews(error: unknown): boolean {
	return /^(meeting_locked|banned|expired|meeting_ended|policy_changed)$/.test(problemOf(error).code);
}

/** What is kept is no longer what stood on the card. */
export function isPolicyNews(error: unknown): boolean {
	return Boolean(error) && problemOf(error).code === "policy_changed";
}
