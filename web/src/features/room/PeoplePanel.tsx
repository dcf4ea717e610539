import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Mic, MicOff } from "lucide-react";
import { client } from "@/api/client";
import { peopleQuery } from "@/api/queries";
import type { PeopleList, Person } from "@/api/types";
import type { Peer } from "@/call/types";
import { PersonMenu } from "@/features/room/PersonMenu";
import styles from "@/features/room/room.module.css";
import { useProblemWords } from "@/lib/problem-words";
import { Avatar } from "@/ui/Avatar";
import { TextButton } from "@/ui/Button";
import { toast } from "@/ui/toasts";

type Props = { code: string; isHost: boolean; people: readonly Person[]; peers: readonly Peer[] };

export function PeoplePanel({ code, isHost, people, peers }: Props) {
	const { t } = useLingui();
	const waiting = people.filter(({ status }) => status === "waiting");
	const inside = people.filter(({ status }) => status === "admitted");
	const heard = new Set(peers.filter(({ isHeard }) => isHeard).map(({ identity }) => identity));
	return (
		<div className={styles.people}>
			{isHost && waiting.length > 0 ? <AtTheDoor code={code} waiting={waiting} /> : null}
			<ul aria-label={t`People inside`}>
				{inside.map((person) => (
					<PersonLine
						key={person.participant_id}
						code={code}
						person={person}
						isHost={isHost}
						isHeard={heard.has(person.identity)}
					/>
				))}
			</ul>
		</div>
	);
}

function useAnswerDoor(code: string) {
	const queries = useQueryClient();
	const problem = useProblemWords();
	const key = peopleQuery(code).queryKey;
	return async (person: Person, answer: "admit" | "deny") => {
		// Shown at once; the list is fetched again in any case.
		queries.setQueryData<PeopleList>(key, (now) =>
			now
				? {
						people:
							answer === "deny"
								? now.people.filter(({ participant_id }) => participant_id !== person.participant_id)
								: now.people.map((each) =>
										each.participant_id === person.participant_id
											? { ...each, status: "admitted" as const }
											: each,
									),
					}
				: now,
		);
		const params = { path: { code, participant_id: person.participant_id } };
		const { error } =
			answer === "admit"
				? await client.POST("/api/meetings/{code}/people/{participant_id}/admit", { params })
				: await client.POST("/api/meetings/{code}/people/{participant_id}/deny", { params });
		if (error) toast(problem(error));
		await queries.invalidateQueries({ queryKey: key });
	};
}

function AtTheDoor({ code, waiting }: { code: string; waiting: readonly Person[] }) {
	const { t } = useLingui();
	const answer = useAnswerDoor(code);
	return (
		<section className={styles.atDoor} aria-label={t`At the door`}>
			<div className={styles.atDoorHead}>
				<h2>{plural(waiting.length, { one: "# at the door", other: "# at the door" })}</h2>
				{waiting.length > 1 ? (
					<TextButton onPress={() => void Promise.all(waiting.map((person) => answer(person, "admit")))}>
						{t`Let all in`}
					</TextButton>
				) : null}
			</div>
			<ul>
				{waiting.map((person) => {
					const name = person.name ?? t`Someone`;
					return (
						<li key={person.participant_id} className={styles.knocker}>
							<Avatar name={person.name} size="s" />
							<span className={styles.personName}>{name}</span>
							<button
								type="button"
								className={styles.notNow}
								aria-label={t`Not now, ${name}`}
								onClick={() => void answer(person, "deny")}
							>
								{t`Not now`}
							</button>
							<button
								type="button"
								className={styles.letIn}
								aria-label={t`Let in ${name}`}
								onClick={() => void answer(person, "admit")}
							>
								{t`Let in`}
							</button>
						</li>
					);
				})}
			</ul>
		</section>
	);
}

type LineProps = { code: string; person: Person; isHost: boolean; isHeard: boolean };

function PersonLine({ code, person, isHost, isHeard }: LineProps) {
	const { t } = useLingui();
	const name = person.name ?? t`A former participant`;
	const roles = [person.is_you ? t`You` : null, person.role === "host" ? t`Host` : null].filter(Boolean);
	return (
		<li className={styles.person}>
			<Avatar name={person.name} />
			<div className={styles.personName}>
				{name}
				{roles.length > 0 ? <small>{roles.join(" · ")}</small> : null}
			</div>
			{isHeard ? (
				<Mic role="img" aria-label={t`Microphone on`} />
			) : (
				<MicOff role="img" aria-label={t`Microphone off`} />
			)}
			{isHost && !person.is_you ? (
				<PersonMenu code={code} participantId={person.participant_id} name={name}>
					<Ellipsis />
				</PersonMenu>
			) : null}
		</li>
	);
}
