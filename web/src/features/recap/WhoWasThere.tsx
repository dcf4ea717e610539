import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { MonitorUp, Users } from "lucide-react";
import type { Recap } from "@/api/types";
import { inOrder, minutesOf } from "@/features/recap/model";
import styles from "@/features/recap/recap.module.css";
import { useMinute } from "@/lib/clock";
import { useFormat } from "@/lib/format";
import { useRoleWords } from "@/lib/role-words";
import { Avatar } from "@/ui/Avatar";
import { Chip } from "@/ui/Chip";
import { Card, CardHead, Line, Lines, Row, Text } from "@/ui/Layout";
import { Empty } from "@/ui/Note";

/** Who came, when and for how long, and whose screen was seen; or only how many, where attendance is not kept. */
export function WhoWasThere({ recap }: { recap: Recap }) {
	const { t } = useLingui();
	const { count, listed } = recap.people;
	const title = plural(count, { one: "# person was there", other: "# people were there" });
	if (!listed) {
		return (
			<Card>
				<CardHead title={title} />
				<Empty
					icon={<Users aria-hidden />}
				>{t`Who it was is not kept. That is how this meeting was set.`}</Empty>
			</Card>
		);
	}
	return (
		<Card>
			<CardHead title={title} />
			<Lines label={title}>
				{inOrder(listed).map((person, at) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: a former participant has nothing else
					<Attendee key={`${person.came_at} ${at}`} person={person} />
				))}
			</Lines>
			<Shares shares={recap.shares} />
		</Card>
	);
}

type Attended = NonNullable<Recap["people"]["listed"]>[number];

function Attendee({ person }: { person: Attended }) {
	const { t } = useLingui();
	const format = useFormat();
	const roles = useRoleWords();
	const now = useMinute();
	const { name, role, is_you, came_at, left_at } = person;
	const shown = name ?? t`A former participant`;
	const lasted = format.minutes(minutesOf({ from: came_at, until: left_at }, now));
	return (
		<Line
			icon={<Avatar name={name} />}
			title={
				<Row gap={2} wrap>
					<span>{is_you ? t`${shown} (you)` : shown}</span>
					{role === "attendee" ? null : <Chip>{roles(role)}</Chip>}
				</Row>
			}
			detail={
				left_at
					? `${format.time(came_at)} – ${format.time(left_at)}`
					: t`since ${format.time(came_at)}, still inside`
			}
		>
			<Text size={13} tone="quiet" as="span">
				<span className={styles.lasted}>{lasted}</span>
			</Text>
		</Line>
	);
}

function Shares({ shares }: { shares: Recap["shares"] }) {
	const { t } = useLingui();
	const format = useFormat();
	if (shares.length === 0) return null;
	return (
		<div className={styles.shares}>
			<h3>{t`Screens that were shared`}</h3>
			<Lines label={t`Screens that were shared`}>
				{shares.map(({ name, is_you, started_at, ended_at }) => (
					<Line
						key={started_at}
						icon={<MonitorUp aria-hidden />}
						title={is_you ? t`You` : (name ?? t`A former participant`)}
						detail={
							ended_at
								? `${format.time(started_at)} – ${format.time(ended_at)}`
								: t`since ${format.time(started_at)}`
						}
					/>
				))}
			</Lines>
		</div>
	);
}
