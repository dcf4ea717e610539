import { useLingui } from "@lingui/react/macro";
import { TriangleAlert } from "lucide-react";
import type { CancellationPreview } from "@/api/types";
import type { Heirs } from "@/features/me/cancellation/model";
import { calendarIcon as Calendar, type CancelWords, useCancelWords } from "@/features/me/cancellation/words";
import { TakeCopy } from "@/features/me/TakeCopy";
import { useFormat } from "@/lib/format";
import { Chip } from "@/ui/Chip";
import { Card, CardHead, Line, Lines, Stack, Text } from "@/ui/Layout";
import { Two } from "@/ui/Page";
import { Select } from "@/ui/Select";

type Props = {
	preview: CancellationPreview;
	heirs: Heirs;
	onHeir: (space: string, heir: string | null) => void;
};

export function Preview({ preview, heirs, onHeir }: Props) {
	const { t } = useLingui();
	const format = useFormat();
	const words = useCancelWords();
	const backups = format.moment(preview.backups_at);
	return (
		<>
			<Two>
				<Card>
					<CardHead title={t`Becomes unreadable`}>
						<Text size={13} tone="quiet" as="span">{t`with your key`}</Text>
					</CardHead>
					<Lines label={t`Becomes unreadable`}>
						{preview.becomes_unreadable.map(({ kind, count }) => (
							<Counted key={kind} words={words.goes(kind)} count={count} />
						))}
					</Lines>
				</Card>
				<Card>
					<CardHead title={t`Stays, without your name`}>
						<Text size={13} tone="quiet" as="span">{t`belongs to others too`}</Text>
					</CardHead>
					<Lines label={t`Stays, without your name`}>
						{preview.stays.map(({ kind, count }) => (
							<Counted key={kind} words={words.stays(kind)} count={count} />
						))}
						{preview.sole_owner_of.map((space) => (
							<Heir key={space.space_id} space={space} heir={heirs[space.space_id] ?? null} onHeir={onHeir} />
						))}
					</Lines>
				</Card>
			</Two>
			<Card>
				<Lines>
					<Line
						wide
						icon={<Calendar aria-hidden />}
						title={t`Here at once; in every backup by ${backups}`}
						detail={t`That date will be on your signed certificate.`}
					>
						<TakeCopy label={t`Take a copy first`} />
					</Line>
				</Lines>
			</Card>
		</>
	);
}

function Counted({ words, count }: { words: CancelWords; count: number }) {
	const format = useFormat();
	const { icon: Icon, title, detail } = words;
	return (
		<Line icon={<Icon aria-hidden />} title={title} detail={detail}>
			<Chip>{format.number(count)}</Chip>
		</Line>
	);
}

type HeirProps = {
	space: CancellationPreview["sole_owner_of"][number];
	heir: string | null;
	onHeir: (space: string, heir: string | null) => void;
};

function Heir({ space, heir, onHeir }: HeirProps) {
	const { t } = useLingui();
	const nobody = "nobody";
	const title = space.title ?? t`a space without a title`;
	const options = [
		{ id: nobody, name: t`Nobody, it goes too` },
		...space.members.map(({ member_id, name }) => ({ id: member_id, name: name ?? t`A former member` })),
	];
	return (
		<Line
			icon={<TriangleAlert aria-hidden />}
			title={t`You alone own “${title}”`}
			detail={
				<Stack gap={2}>
					<span>{t`Hand it over, or it goes too`}</span>
					<Select
						label={t`Who takes over ${title}`}
						labelHidden
						options={options}
						value={heir ?? nobody}
						onChange={(next) => onHeir(space.space_id, next === nobody ? null : next)}
					/>
				</Stack>
			}
		/>
	);
}
