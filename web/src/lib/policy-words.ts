import { useLingui } from "@lingui/react/macro";
import type { Policy } from "@/api/types";

/** What a meeting keeps, in sentences: the same on the card before, in the room, and after. */
export function usePolicyWords() {
	const { t } = useLingui();
	return {
		chat: ({ chat_kept_days }: Policy) => t`Kept ${chat_kept_days} days, seen by people in this meeting`,
		recording: () => t`Off. If someone asks, you answer for yourself`,
		attendance: () => t`That someone was here is kept, without a name`,
		guest: ({ guest_key_days }: Policy) =>
			t`A guest's name goes ${guest_key_days} days after the meeting, or at once when they ask`,
		short: ({ chat_kept_days, guest_key_days }: Policy) =>
			t`Chat for ${chat_kept_days} days, for people in this meeting. Attendance without names. Recording is off; if someone asks, you answer for yourself. A guest's name goes ${guest_key_days} days after the meeting.`,
	};
}
