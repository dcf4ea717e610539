import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { Hand, Mic, MicOff, MonitorUp } from "lucide-react";
import type { Person } from "@/api/types";
import type { Tile } from "@/call/tiles";
import { useRoom } from "@/features/room/context";
import { useHosting } from "@/features/room/hosting";
import { PersonMenu } from "@/features/room/PersonMenu";
import styles from "@/features/room/people.module.css";
import { useRoleWords } from "@/features/room/role-words";
import { Avatar } from "@/ui/Avatar";

export function Waiting({ waiting }: { waiting: readonly Person[] }) {
	const { t } = useLingui();
	const { code } = useRoom();
	const hosting = useHosting(code);
	return (
		<section className={styles.door} aria-label={t`At the door`}>
			<div className={styles.doorHead}>
				<h2>{plural(waiting.length, { one: "# at the door", other: "# at the door" })}</h2>
				{waiting.length > 1 ? (
					<button
						type="button"
						className={styles.all}
						onClick={() => void hosting.meeting({ act: "admit-all" })}
					>
						{t`Let all in`}
					</button>
				) : null}
			</div>
			<ul>
				{waiting.map((person) => {
					const name = person.name ?? t`Someone`;
					const answer = (act: "admit" | "deny") => void hosting.person(person.participant_id, { act });
					return (
						<li key={person.participant_id} className={styles.knocker}>
							<Avatar name={person.name} size="s" />
							<span className={styles.name}>{name}</span>
							<button
								type="button"
								className={styles.quiet}
								aria-label={t`Not now, ${name}`}
								onClick={() => answer("deny")}
							>
								{t`Not now`}
							</button>
							<button
								type="button"
								className={styles.letIn}
								aria-label={t`Let in ${name}`}
								onClick={() => answer("admit")}
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

/** Raised hands, in the order in which they were raised. */
export function Hands({ hands, canLower }: { hands: readonly Person[]; canLower: boolean }) {
	const { t } = useLingui();
	const { code } = useRoom();
	const hosting = useHosting(code);
	return (
		<section className={styles.section} aria-label={t`Raised hands`}>
			<div className={styles.sectionHead}>
				<h2 className={styles.sectionTitle}>
					{t`Raised hands`} <span>{hands.length}</span>
				</h2>
				{canLower && hands.length > 1 ? (
					<button
						type="button"
						className={styles.all}
						onClick={() => void hosting.meeting({ act: "lower-hands" })}
					>
						{t`Lower all`}
					</button>
				) : null}
			</div>
			<ol>
				{hands.map((person) => {
					const name = person.name ?? hosting.unknownName;
					return (
						<li key={person.participant_id} className={styles.knocker}>
							<span className={styles.place}>{person.hand}</span>
							<span className={styles.name}>{name}</span>
							{canLower ? (
								<button
									type="button"
									className={styles.quiet}
									aria-label={t`Lower the hand of ${name}`}
									onClick={() => void hosting.person(person.participant_id, { act: "lower-hand" })}
								>
									{t`Lower`}
								</button>
							) : null}
						</li>
					);
				})}
			</ol>
		</section>
	);
}

export function Banned({ banned }: { banned: readonly Person[] }) {
	const { t } = useLingui();
	const { code } = useRoom();
	const hosting = useHosting(code);
	return (
		<section className={styles.section} aria-label={t`Banned`}>
			<h2 className={styles.sectionTitle}>
				{t`Banned`} <span>{banned.length}</span>
			</h2>
			<ul>
				{banned.map((person) => {
					const name = person.name ?? hosting.unknownName;
					return (
						<li key={person.participant_id} className={styles.knocker}>
							<Avatar name={person.name} size="s" />
							<span className={styles.name}>{name}</span>
							<button
								type="button"
								className={styles.quiet}
								aria-label={t`Allow again: ${name}`}
								onClick={() =>
									void hosting.person(person.participant_id, { act: "unban" }, t`${name} may knock again.`)
								}
							>
								{t`Allow again`}
							</button>
						</li>
					);
				})}
			</ul>
		</section>
	);
}

type LineProps = { person: Person; tile: Tile | undefined; isHost: boolean };

export function PersonLine({ person, tile, isHost }: LineProps) {
	const { t } = useLingui();
	const { short } = useRoleWords();
	const name = person.name ?? t`A former participant`;
	const under = [
		person.is_you ? t`You` : null,
		short[person.role],
		person.spotlight === null ? null : t`in the spotlight`,
		person.held.microphone ? t`kept muted` : null,
		person.held.camera ? t`camera kept off` : null,
		person.held.screen ? t`sharing kept off` : null,
	].filter(Boolean);
	return (
		<li className={styles.person}>
			<Avatar name={person.name} />
			<div className={styles.name}>
				{name}
				{under.length > 0 ? <small>{under.join(" · ")}</small> : null}
			</div>
			{person.hand === null ? null : (
				<Hand role="img" aria-label={t`Hand raised`} className={styles.raised} />
			)}
			{tile?.screen ? <MonitorUp role="img" aria-label={t`Presenting`} /> : null}
			{tile?.isHeard ? (
				<Mic role="img" aria-label={t`Microphone on`} />
			) : (
				<MicOff role="img" aria-label={t`Microphone off`} />
			)}
			{isHost ? <PersonMenu person={person} tile={tile} name={name} /> : null}
		</li>
	);
}
