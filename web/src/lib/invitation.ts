import { useLingui } from "@lingui/react/macro";
import type { Meeting } from "@/api/types";
import { formatOf } from "@/lib/format";
import { meetingLink } from "@/lib/meeting-code";
import { zoneName } from "@/lib/when-words";

type Invited = Pick<Meeting, "title" | "code" | "starts_at" | "duration_minutes" | "zone" | "passcode">;

/** The invitation as a text that can be pasted anywhere: what, when by whose clock, where, and the passcode. */
export function useInvitation(): (meeting: Invited, origin: string) => string {
	const { t, i18n } = useLingui();
	return (meeting, origin) => {
		const { title, code, starts_at, duration_minutes, zone, passcode } = meeting;
		const format = formatOf(i18n.locale, zone ?? undefined);
		const when =
			starts_at && zone
				? t`When: ${format.weekday(new Date(starts_at))}, ${format.range(starts_at, duration_minutes ?? 0)} (${zoneName(zone, i18n.locale)})`
				: null;
		return [
			title ?? t`Meeting ${code}`,
			when,
			t`Join: ${meetingLink(code, origin)}`,
			passcode ? t`Passcode: ${passcode}` : null,
			t`No account and no app needed. Camera and microphone are off until you turn them on.`,
		]
			.filter(Boolean)
			.join("\n");
	};
}
