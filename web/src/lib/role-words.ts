import { useLingui } from "@lingui/react/macro";
import type { SeatRole } from "@/api/types";

export function useRoleWords(): (role: SeatRole) => string {
	const { t } = useLingui();
	const words: Record<SeatRole, string> = {
		host: t`Host`,
		co_host: t`Co-host`,
		speaker: t`Speaker`,
		attendee: t`Attendee`,
		viewer: t`Viewer`,
	};
	return (role) => words[role];
}
