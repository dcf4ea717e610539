import { useLingui } from "@lingui/react/macro";
import { LampCeiling } from "lucide-react";
import type { Person } from "@/api/types";
import { useRoom } from "@/features/room/context";
import { useHosting } from "@/features/room/hosting";
import { MenuItem } from "@/ui/Menu";

/** What a host shows large to everybody who has not chosen otherwise. */
export function SpotlightItem({ person }: { person: Person }) {
	const { t } = useLingui();
	const { code } = useRoom();
	const hosting = useHosting(code);
	const name = person.name ?? hosting.unknownName;
	const isLit = person.spotlight !== null;
	const done = isLit ? t`${name} is no longer in the spotlight.` : t`Everyone sees ${name} large now.`;
	return (
		<MenuItem
			icon={<LampCeiling aria-hidden />}
			onAction={() => void hosting.person(person.participant_id, { act: "spotlight", on: !isLit }, done)}
		>
			{isLit ? t`Stop spotlight` : t`Spotlight for everyone`}
		</MenuItem>
	);
}
