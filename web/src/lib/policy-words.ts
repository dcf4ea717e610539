import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Policy } from "@/api/types";

/** What a meeting keeps, in sentences: the same on the card before, in the room, and after. */
export function usePolicyWords() {
	const { t } = useLingui();
	return {
		chat: ({ chat_kept_days }: Policy) =>
			plural(chat_kept_days, {
				one: "Kept # day, seen by people in this meeting",
				other: "Kept # days, seen by people in this meeting",
			}),
		recording: () => t`Off. If someone asks, you answer for yourself`,
		attendance: ({ attendance }: Policy) =>
			attendance === "kept" ? t`Who came, and when. Seen by people in this meeting` : t`Not kept`,
		guest: ({ guest_key_days }: Policy) =>
			t`A guest's name goes ${guest_key_days} days after the meeting, or at once when they ask`,
		short: ({ chat_kept_days, guest_key_days, attendance }: Policy) => {
			const chat = plural(chat_kept_days, {
				one: "Chat for # day, for people in this meeting.",
				other: "Chat for # days, for people in this meeting.",
			});
			const who = attendance === "kept" ? t`Who came, and when.` : t`Not who came.`;
			const rest = t`Recording is off; if someone asks, you answer for yourself. A guest's name goes ${guest_key_days} days after the meeting.`;
			return `${chat} ${who} ${rest}`;
		},
		/** Whether the short word for it is "little". */
		isLittle: ({ chat_kept_days, attendance }: Policy) => chat_kept_days <= 30 && attendance === "not_kept",
	};
}
