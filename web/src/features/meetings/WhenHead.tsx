import { useLingui } from "@lingui/react/macro";
import type { Meeting } from "@/api/types";
import { useFormat } from "@/lib/format";
import { placeOf } from "@/lib/meeting-order";
import { useMeetingWords } from "@/lib/meeting-words";
import { useWhenWords } from "@/lib/when-words";
import { Chip } from "@/ui/Chip";
import { Row } from "@/ui/Layout";

/** Under the title: when it is, since when it goes on, or when it was. */
export function WhenHead({ meeting, now }: { meeting: Meeting; now: Date }) {
	const { t } = useLingui();
	const format = useFormat();
	const words = useMeetingWords();
	const when = useWhenWords();
	const { started_at, ended_at, created_at, state } = meeting;
	if (state === "live") {
		return (
			<Row gap={2} wrap>
				<Chip tone="good">{words.inside(meeting.inside)}</Chip>
				{started_at ? t`since ${format.time(started_at)}` : null}
			</Row>
		);
	}
	if (placeOf(meeting, now) === "next") {
		const parts = [when.planned(meeting, now), when.elsewhere(meeting)].filter(Boolean).join(" · ");
		return (
			<Row gap={2} wrap>
				<span>{parts}</span>
				<Chip tone="accent">{when.distance(meeting, now)}</Chip>
			</Row>
		);
	}
	if (started_at && ended_at)
		return `${format.day(started_at)}, ${format.time(started_at)} – ${format.time(ended_at)}`;
	if (started_at) return t`Last time on ${format.day(started_at)}. The link still opens.`;
	const planned = when.planned(meeting, now);
	return planned ? t`${planned}. Nobody came.` : t`Made ${format.day(created_at)}, not started yet`;
}
