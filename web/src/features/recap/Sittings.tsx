import { useLingui } from "@lingui/react/macro";
import { Clock } from "lucide-react";
import type { Recap } from "@/api/types";
import { lastedOf, minutesOf } from "@/features/recap/model";
import { useMinute } from "@/lib/clock";
import { useFormat } from "@/lib/format";
import { Card, CardHead, Line, Lines, Text } from "@/ui/Layout";

/** Each time that the meeting went on, where it was more than once. */
export function Sittings({ sittings }: { sittings: Recap["sittings"] }) {
	const { t } = useLingui();
	const format = useFormat();
	const now = useMinute();
	const whole = format.minutes(lastedOf(sittings, now));
	return (
		<Card>
			<CardHead title={t`Each time`}>
				<Text size={13} tone="quiet" as="span">{t`${whole} in all`}</Text>
			</CardHead>
			<Lines label={t`Each time`}>
				{sittings.map(({ started_at, ended_at }) => (
					<Line
						key={started_at}
						icon={<Clock aria-hidden />}
						title={format.weekday(new Date(started_at))}
						detail={
							ended_at
								? `${format.time(started_at)} – ${format.time(ended_at)}`
								: t`since ${format.time(started_at)}, goes on`
						}
					>
						<Text size={13} tone="quiet" as="span">
							{format.minutes(minutesOf({ from: started_at, until: ended_at }, now))}
						</Text>
					</Line>
				))}
			</Lines>
		</Card>
	);
}
