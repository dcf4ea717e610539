import { useLingui } from "@lingui/react/macro";
import type { Rights } from "@/api/types";
import { useOwnSeat } from "@/features/room/seat";

/** Why somebody may not do something here, or null if they may. */
export function useRightWords(): (right: keyof Rights, rights: Rights) => string | null {
	const { t } = useLingui();
	const { role } = useOwnSeat();
	return (right, rights) => {
		if (rights[right]) return null;
		if (role === "viewer") return t`You are here as a viewer: you see, hear and read.`;
		return {
			microphone: t`A host keeps your microphone off. Raise your hand to be heard.`,
			camera: t`A host keeps your camera off.`,
			screen: t`Only hosts and speakers share here.`,
			chat: t`Only hosts and speakers write here.`,
		}[right];
	};
}
