import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { Meeting } from "@/api/types";
import { placeOf } from "@/lib/meeting-order";
import { useMeetingWords } from "@/lib/meeting-words";
import { buttonClass } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Row } from "@/ui/Layout";
import { MeetingRow } from "@/ui/MeetingRow";

/** So long before it begins one is about to go in. */
const nearMs = 10 * 60_000;

/** A meeting on a list, with the one thing that one wants of it there. */
export function MeetingLine({ meeting, now }: { meeting: Meeting; now: Date }) {
	const { t } = useLingui();
	const words = useMeetingWords();
	const title = words.title(meeting);
	const place = placeOf(meeting, now);
	const isNear =
		place === "now" || (place === "next" && Date.parse(meeting.starts_at ?? "") - now.getTime() < nearMs);
	const to = { to: "/meetings/$code", params: { code: meeting.code } } as const;
	return (
		<MeetingRow
			time={words.time(meeting, now)}
			live={place === "now"}
			title={<Link {...to}>{title}</Link>}
			detail={
				<Row gap={2} wrap>
					{place === "now" ? <Chip tone="good">{words.inside(meeting.inside)}</Chip> : null}
					<span>{words.detail(meeting, now)}</span>
				</Row>
			}
		>
			{isNear ? (
				<a
					className={buttonClass({ size: "small", look: "primary" })}
					href={`/m/${meeting.code}`}
					aria-label={t`Join ${title}`}
				>
					{t`Join`}
				</a>
			) : (
				<Link
					{...to}
					className={buttonClass({ size: "small" })}
					aria-label={meeting.has_recap ? t`Recap of ${title}` : t`Open ${title}`}
				>
					{meeting.has_recap ? t`Recap` : t`Open`}
				</Link>
			)}
		</MeetingRow>
	);
}
