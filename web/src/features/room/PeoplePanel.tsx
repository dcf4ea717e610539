import { useLingui } from "@lingui/react/macro";
import { Search, SlidersHorizontal } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Person } from "@/api/types";
import type { Tile } from "@/call/tiles";
import { useRoom } from "@/features/room/context";
import { HostControls } from "@/features/room/HostControls";
import { useHosting } from "@/features/room/hosting";
import { isHosting } from "@/features/room/model";
import { Banned, Hands, PersonLine, Waiting } from "@/features/room/PeopleSections";
import styles from "@/features/room/people.module.css";
import { useOwnSeat } from "@/features/room/seat";
import { Button } from "@/ui/Button";

type Props = { people: readonly Person[]; tiles: readonly Tile[] };

export const searchFrom = 6;

/** Everybody: who waits, whose hand is up, who is inside, and who may not come back. */
export function PeoplePanel({ people, tiles }: Props) {
	const { t } = useLingui();
	const { code } = useRoom();
	const { role } = useOwnSeat();
	const hosts = isHosting(role);
	const [sought, setSought] = useState("");
	const [isOpen, setOpen] = useState(false);
	const { unknownName } = useHosting(code);
	const needle = sought.trim().toLocaleLowerCase();
	const fits = ({ name }: Person) => (name ?? unknownName).toLocaleLowerCase().includes(needle);
	const of = (status: Person["status"]) => people.filter((each) => each.status === status && fits(each));
	const inside = of("admitted");
	const hands = inside
		.filter(({ hand }) => hand !== null)
		.sort((one, other) => (one.hand ?? 0) - (other.hand ?? 0));
	const byIdentity = new Map(tiles.map((tile) => [tile.identity, tile]));
	const waiting = hosts ? of("waiting") : [];
	const banned = hosts ? of("banned") : [];
	return (
		<div className={styles.people}>
			{people.length >= searchFrom ? (
				<label className={styles.search}>
					<Search aria-hidden />
					<input
						type="search"
						aria-label={t`Search people`}
						placeholder={t`Search people`}
						value={sought}
						onChange={(event) => setSought(event.target.value)}
					/>
				</label>
			) : null}
			{hosts ? (
				<div className={styles.controls}>
					<Button size="small" onPress={() => setOpen(true)}>
						<SlidersHorizontal aria-hidden />
						{t`Host controls`}
					</Button>
				</div>
			) : null}
			{waiting.length > 0 ? <Waiting waiting={waiting} /> : null}
			{hands.length > 0 ? <Hands hands={hands} canLower={hosts} /> : null}
			<Section title={t`Inside`} count={inside.length}>
				<ul aria-label={t`People inside`}>
					{inside.map((person) => (
						<PersonLine
							key={person.participant_id}
							person={person}
							tile={byIdentity.get(person.identity)}
							isHost={hosts}
						/>
					))}
				</ul>
			</Section>
			{needle && inside.length + waiting.length + banned.length === 0 ? (
				<p className={styles.nobody}>{t`Nobody here is called that.`}</p>
			) : null}
			{banned.length > 0 ? <Banned banned={banned} /> : null}
			{hosts ? <HostControls isOpen={isOpen} onClose={() => setOpen(false)} /> : null}
		</div>
	);
}

export function Section({ title, count, children }: { title: string; count: number; children: ReactNode }) {
	return (
		<section className={styles.section} aria-label={title}>
			<h2 className={styles.sectionTitle}>
				{title} <span>{count}</span>
			</h2>
			{children}
		</section>
	);
}
