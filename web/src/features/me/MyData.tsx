import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Database, Pencil } from "lucide-react";
import { api } from "@/api/client";
import type { DataValue } from "@/api/types";
import styles from "@/features/me/me.module.css";
import { OpenedFor } from "@/features/me/OpenedFor";
import { TakeCopy } from "@/features/me/TakeCopy";
import { WhoOpened } from "@/features/me/WhoOpened";
import { useDataWords } from "@/lib/data-words";
import { useFormat } from "@/lib/format";
import { buttonClass } from "@/ui/Button";
import { DataGroups } from "@/ui/DataGroups";
import { Card, PageHead, Stack } from "@/ui/Layout";
import { Empty } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

export function MyData() {
	const { t } = useLingui();
	const format = useFormat();
	const data = api.useQuery("get", "/api/me/data");
	const total = data.data ? format.number(data.data.total) : "";
	return (
		<>
			<title>{t`My data · Kloud`}</title>
			<PageHead
				title={t`My data`}
				lead={
					data.data
						? t`All that Kloud holds about you, why, and until when. ${total} values, sealed with a key that is yours. When the key goes, they go.`
						: t`All that Kloud holds about you, why, and until when.`
				}
			>
				<TakeCopy label={t`Take a copy`} />
			</PageHead>
			<Stack gap={5}>
				{data.isPending ? (
					<Card>
						<SkeletonLines count={5} />
					</Card>
				) : data.isError ? (
					<ProblemNote error={data.error} onRetry={() => void data.refetch()} />
				) : (
					<Values values={data.data.values} />
				)}
				<WhoOpened />
			</Stack>
		</>
	);
}

function Values({ values }: { values: readonly DataValue[] }) {
	const { t } = useLingui();
	if (values.length === 0) {
		return (
			<Card>
				<Empty icon={<Database aria-hidden />}>{t`Nothing is held about you.`}</Empty>
			</Card>
		);
	}
	return (
		<DataGroups
			values={values}
			action={{ profile: (value) => (value.editable ? <Edit value={value} /> : null) }}
			foot={(group) => <OpenedFor group={group} />}
		/>
	);
}

function Edit({ value }: { value: DataValue }) {
	const { t } = useLingui();
	const words = useDataWords();
	return (
		<Link
			to="/me/profile"
			className={`${buttonClass({ look: "ghost", size: "small" })} ${styles.editLink}`}
			aria-label={t`Change ${words.label(value.label)}`}
		>
			<Pencil aria-hidden />
		</Link>
	);
}
