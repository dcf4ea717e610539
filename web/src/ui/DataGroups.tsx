import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import {
	Database,
	Eye,
	FileCheck,
	KeyRound,
	type LucideIcon,
	MessageSquare,
	User,
	Video,
} from "lucide-react";
import { type ReactNode, useState } from "react";
import type { DataValue } from "@/api/types";
import { type DataGroup, type DataSubject, groupsOf } from "@/lib/data-groups";
import { useSubjectWords } from "@/lib/data-labels";
import { useThingName } from "@/lib/data-things";
import { useDataWords } from "@/lib/data-words";
import { Button } from "@/ui/Button";
import { DataTable } from "@/ui/DataTable";
import styles from "@/ui/DataTable.module.css";
import { Fold } from "@/ui/Fold";
import { Card } from "@/ui/Layout";

const icons: Record<DataSubject, LucideIcon> = {
	profile: User,
	security: KeyRound,
	meetings: Video,
	messages: MessageSquare,
	answers: FileCheck,
	record: Eye,
	other: Database,
};

type Action = (value: DataValue) => ReactNode;
type Props = {
	values: readonly DataValue[];
	action?: Partial<Record<DataSubject, Action>>;
	foot?: (group: DataGroup) => ReactNode;
};

/** All that is held about somebody: a line for each subject, which opens to each thing and each of its values. */
export function DataGroups({ values, action = {}, foot }: Props) {
	return (
		<Card>
			{groupsOf(values).map((group) => (
				<Group key={group.subject} group={group} action={action[group.subject]} foot={foot} />
			))}
		</Card>
	);
}

type GroupProps = { group: DataGroup; action: Action | undefined; foot: Props["foot"] };

function Group({ group, action, foot }: GroupProps) {
	const name = useSubjectWords()[group.subject];
	const words = useDataWords();
	const { things } = group;
	const values = things.flatMap((thing) => thing.values);
	const count =
		group.subject === "profile"
			? plural(values.length, { one: "# value", other: "# values" })
			: plural(things.length, { one: "# entry", other: "# entries" });
	const until = [...new Set(values.map(words.until))];
	const Icon = icons[group.subject];
	return (
		<Fold icon={<Icon aria-hidden />} title={name} detail={[count, ...until].join(" · ")}>
			{things.length > 1 ? <Things things={things} /> : <DataTable values={values} action={action} />}
			{foot?.(group)}
		</Fold>
	);
}

const firstShown = 10;

function Things({ things }: { things: DataGroup["things"] }) {
	const { t } = useLingui();
	const nameOf = useThingName();
	const [all, showAll] = useState(false);
	const hidden = all ? 0 : Math.max(0, things.length - firstShown);
	return (
		<>
			{things.slice(0, things.length - hidden).map((thing) => (
				<Fold key={thing.id} level="item" {...nameOf(thing)}>
					<DataTable values={thing.values} />
				</Fold>
			))}
			{hidden > 0 ? (
				<div className={styles.more}>
					<Button look="ghost" size="small" onPress={() => showAll(true)}>
						{t`Show ${hidden} more`}
					</Button>
				</div>
			) : null}
		</>
	);
}
