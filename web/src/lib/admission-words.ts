import { useLingui } from "@lingui/react/macro";
import type { Admission } from "@/api/types";

export function useAdmissionOptions(): { id: Admission; name: string; detail: string }[] {
	const { t } = useLingui();
	return [
		{ id: "link", name: t`Everyone with the link`, detail: t`They see who is inside before they join.` },
		{
			id: "lobby",
			name: t`You let each person in`,
			detail: t`They knock. Until then they see and hear nothing.`,
		},
	];
}
