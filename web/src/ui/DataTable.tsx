import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { DataValue } from "@/api/types";
import { useDataWords } from "@/lib/data-words";
import styles from "@/ui/DataTable.module.css";
import { Card, CardHead, Text, Unseen } from "@/ui/Layout";

export type DataGroup = { category: string; values: DataValue[] };

/** Values by category, in the order in which the server tells them. */
export function groupValues(values: readonly DataValue[]): DataGroup[] {
	const groups = new Map<string, DataValue[]>();
	for (const value of values) groups.set(value.category, [...(groups.get(value.category) ?? []), value]);
	return [...groups].map(([category, members]) => ({ category, values: members }));
}

type Props = { group: DataGroup; action?: (value: DataValue) => ReactNode };

/** What is held, why, until when, and where it came from. */
export function DataTable({ group, action }: Props) {
	const { t } = useLingui();
	const words = useDataWords();
	const sources = [...new Set(group.values.map(words.source))];
	// What all have in common is said once.
	const common = sources.length === 1 ? sources[0] : null;
	return (
		<Card>
			<CardHead title={words.category(group.category)}>
				{common ? (
					<Text size={13} tone="quiet" as="span">
						{common}
					</Text>
				) : null}
			</CardHead>
			<table className={styles.table}>
				<thead>
					<tr>
						<th scope="col">{t`What`}</th>
						<th scope="col">{t`Value`}</th>
						<th scope="col">{t`Why`}</th>
						<th scope="col">{t`Until when`}</th>
						{common ? null : <th scope="col">{t`Source`}</th>}
						{action ? (
							<th scope="col">
								<Unseen>{t`Change`}</Unseen>
							</th>
						) : null}
					</tr>
				</thead>
				<tbody>
					{group.values.map((value) => (
						<tr key={value.id}>
							<th scope="row">{words.label(value.label)}</th>
							<td className={styles.value}>
								{words.value(value) ?? <span className={styles.none}>{t`Not given`}</span>}
							</td>
							<td className={styles.small}>{words.why(value)}</td>
							<td className={styles.small}>{words.until(value)}</td>
							{common ? null : <td className={styles.small}>{words.source(value)}</td>}
							{action ? <td className={styles.action}>{action(value)}</td> : null}
						</tr>
					))}
				</tbody>
			</table>
		</Card>
	);
}

type TabsProps = {
	groups: readonly DataGroup[];
	chosen: string;
	onChoose: (category: string) => void;
};

export function DataTabs({ groups, chosen, onChoose }: TabsProps) {
	const { t } = useLingui();
	const words = useDataWords();
	return (
		<fieldset className={styles.tabs} aria-label={t`Kind of data`}>
			{groups.map(({ category, values }) => (
				<button
					key={category}
					type="button"
					className={styles.tab}
					aria-pressed={category === chosen}
					onClick={() => onChoose(category)}
				>
					{words.category(category)}{" "}
					<Text as="span" size={12}>
						{values.length}
					</Text>
				</button>
			))}
		</fieldset>
	);
}
