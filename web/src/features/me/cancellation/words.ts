import { useLingui } from "@lingui/react/macro";
import {
	CalendarCheck,
	FileCheck,
	KeyRound,
	type LucideIcon,
	MessageCircle,
	User,
	UserRound,
	Video,
} from "lucide-react";
import type { CancellationPreview, CancellationState } from "@/api/types";

type Goes = CancellationPreview["becomes_unreadable"][number]["kind"];
type Stays = CancellationPreview["stays"][number]["kind"];
export type CancelWords = { icon: LucideIcon; title: string; detail: string };

export const calendarIcon = CalendarCheck;

export function useCancelWords() {
	const { t } = useLingui();
	const goes: Record<Goes, CancelWords> = {
		profile: { icon: User, title: t`Profile and contacts`, detail: t`Names, how you sign in, settings` },
		messages: {
			icon: MessageCircle,
			title: t`Messages you wrote`,
			detail: t`A line “deleted account” stays`,
		},
		meetings: {
			icon: Video,
			title: t`Titles of your meetings`,
			detail: t`They end for all; others see them without a title`,
		},
		consents: { icon: FileCheck, title: t`Your answers`, detail: t`The bare proof stays, without you` },
		credentials: { icon: KeyRound, title: t`Password, codes, devices`, detail: t`All are signed out` },
	};
	const stays: Record<Stays, CancelWords> = {
		attendance: { icon: UserRound, title: t`That someone was there`, detail: t`As “former participant”` },
	};
	const states: Record<CancellationState, string> = {
		requested: t`Asked for`,
		waiting: t`Waiting; you can take it back`,
		frozen: t`Signed out everywhere, nothing new is written`,
		keys_gone: t`Your key is destroyed: nothing can be read any more`,
		swept: t`The unreadable rest is cleared away`,
		told: t`Whoever had a copy from us has been told`,
		certified: t`Certificate signed`,
		taken_back: t`Taken back: nothing was erased`,
	};
	return {
		goes: (kind: Goes) => goes[kind],
		stays: (kind: Stays) => stays[kind],
		state: (state: CancellationState) => states[state],
	};
}
