import { useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { peopleQuery } from "@/api/queries";
import { actOnMeeting, actOnPerson, changeMeeting, type MeetingAct, type PersonAct } from "@/api/seats";
import type { MeetingChange, PeopleList, Person } from "@/api/types";
import { useProblemWords } from "@/lib/problem-words";
import { toast } from "@/ui/toasts";

/** What hosts do. Shown at once where it can be, reconciled by the list, and said in words when it is refused. */
export function useHosting(code: string) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const problem = useProblemWords();
	const { queryKey } = peopleQuery(code);
	async function run(work: Promise<void>, done?: string) {
		try {
			await work;
			if (done) toast(done);
		} catch (error) {
			toast(problem(error));
		}
		await queries.invalidateQueries({ queryKey });
	}
	function show(participantId: string, part: Partial<Person> | null) {
		queries.setQueryData<PeopleList>(queryKey, (now) =>
			now
				? {
						people: now.people.flatMap((each) =>
							each.participant_id === participantId ? (part ? [{ ...each, ...part }] : []) : [each],
						),
					}
				: now,
		);
	}
	return {
		person(participantId: string, act: PersonAct, done?: string) {
			if (act.act === "admit") show(participantId, { status: "admitted" });
			if (act.act === "deny" || act.act === "unban") show(participantId, null);
			if (act.act === "lower-hand") show(participantId, { hand: null });
			return run(actOnPerson(code, participantId, act), done);
		},
		meeting: (act: MeetingAct, done?: string) => run(actOnMeeting(code, act), done),
		change: (change: MeetingChange, done?: string) => run(changeMeeting(queries, code, change), done),
		unknownName: t`A former participant`,
	};
}

export function usePerson(code: string, participantId: string | null): Person | undefined {
	const { data } = useQuery({
		...peopleQuery(code),
		select: ({ people }) => people.find((each) => each.participant_id === participantId),
	});
	return data;
}
