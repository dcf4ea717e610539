import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { Hand } from "lucide-react";
import { peopleQuery } from "@/api/queries";
import { raiseHand } from "@/api/seats";
import type { PeopleList } from "@/api/types";
import { useRoom } from "@/features/room/context";
import { DockButton } from "@/features/room/Dock";
import { usePerson } from "@/features/room/hosting";
import { useOwnSeat } from "@/features/room/seat";
import { useProblemWords } from "@/lib/problem-words";
import { toast } from "@/ui/toasts";

export function useHand() {
	const { code } = useRoom();
	const { participant_id, hand_raised } = useOwnSeat();
	const queries = useQueryClient();
	const problem = useProblemWords();
	const person = usePerson(code, participant_id);
	const isRaised = person ? person.hand !== null : hand_raised;
	async function toggle() {
		const { queryKey } = peopleQuery(code);
		// Shown at once, at the end of the queue; the list says the true place.
		queries.setQueryData<PeopleList>(queryKey, (now) => {
			if (!now) return now;
			const last = Math.max(0, ...now.people.map(({ hand }) => hand ?? 0));
			const hand = isRaised ? null : last + 1;
			return { people: now.people.map((each) => (each.is_you ? { ...each, hand } : each)) };
		});
		try {
			await raiseHand(code, !isRaised);
		} catch (error) {
			toast(problem(error));
		}
		await queries.invalidateQueries({ queryKey });
	}
	return { isRaised, toggle };
}

export function HandButton() {
	const { t } = useLingui();
	const { isRaised, toggle } = useHand();
	return (
		<DockButton
			id="dock-hand"
			label={isRaised ? t`Lower hand` : t`Raise hand`}
			isOn={isRaised}
			onPress={() => void toggle()}
		>
			<Hand aria-hidden />
		</DockButton>
	);
}
