import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { DataValue } from "@/api/types";
import { useDataWords } from "@/lib/data-words";
import styles from "@/ui/DataTable.module.css";
import { Unseen } from "@/ui/Layout";

type Props = { values: readonly DataValue[]; action?: (value: DataValue) => ReactNode };

/** What is held, why and from whom, and until when. */
export function DataTable({ values, action }: Props) {
	const { t } = useLingui();
	const words = useDataWords();
	return (
		<table className={styles.table}>
			<thead>
				<tr>
					<th scope="col">{t`What`}</th>
					<th scope="col">{t`Value`}</th>
					<th scope="col">{t`Why`}</th>
					<th scope="col">{t`Until when`}</th>
					{action ? (
						<th scope="col">
							<Unseen>{t`Change`}</Unseen>
						</th>
					) : null}
				</tr>
			</thead>
			<tbody>
				{values.map((value) => (
					<tr key={value.id}>
						<th scope="row">{words.label(value.label)}</th>
						<td className={styles.value}>
							{words.value(value) ?? <span className={styles.none}>{t`Not given`}</span>}
						</td>
						<td className={styles.small}>
							{words.why(value)}
							<span className={styles.from}>{words.source(value)}</span>
						</td>
						<td className={styles.small}>{words.until(value)}</td>
						{action ? <td className={styles.action}>{action(value)}</td> : null}
					</tr>
				))}
			</tbody>
		</table>
	);
}
