import { useLingui } from "@lingui/react/macro";
import type { SeatRole } from "@/api/types";

export function useRoleWords() {
	const { t } = useLingui();
	const short: Record<SeatRole, string | null> = {
		host: t`Host`,
		co_host: t`Co-host`,
		speaker: t`Speaker`,
		attendee: null,
		viewer: t`Viewer`,
	};
	const long: Record<Exclude<SeatRole, "host">, string> = {
		co_host: t`Co-host: helps to run the meeting`,
		speaker: t`Speaker: may always speak and share`,
		attendee: t`Attendee: what the meeting allows`,
		viewer: t`Viewer: sees, hears and reads`,
	};
	return { short, long };
}
