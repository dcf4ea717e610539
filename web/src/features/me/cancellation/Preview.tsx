import { useLingui } from "@lingui/react/macro";
import type { CancellationPreview } from "@/api/types";
import { calendarIcon as Calendar, type CancelWords, useCancelWords } from "@/features/me/cancellation/words";
import { TakeCopy } from "@/features/me/TakeCopy";
import { useFormat } from "@/lib/format";
import { Chip } from "@/ui/Chip";
import { Card, CardHead, Line, Lines, Text } from "@/ui/Layout";
import { Two } from "@/ui/Page";

export function Preview({ preview }: { preview: CancellationPreview }) {
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
