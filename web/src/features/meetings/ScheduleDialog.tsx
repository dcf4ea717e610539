import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { meetingQuery, meetingsQuery } from "@/api/queries";
import type { Admission, Meeting } from "@/api/types";
import styles from "@/features/meetings/meetings.module.css";
import {
	durations,
	firstPlan,
	isPast,
	ownZone,
	type Plan,
	planOf,
	startOf,
	today,
	zonesOf,
} from "@/features/meetings/schedule";
import { useAdmissionOptions } from "@/lib/admission-words";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { ClockField, DayField } from "@/ui/DateTime";
import { Answers, Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Form } from "@/ui/Form";
import { ProblemNote } from "@/ui/ProblemNote";
import { SearchSelect } from "@/ui/SearchSelect";
import { Select } from "@/ui/Select";

type Props = {
	/** The one whose title and time are changed; without it a new one is made. */
	meeting?: Meeting;
	onClose: () => void;
	onDone: (meeting: Meeting) => void;
};

export function ScheduleDialog({ meeting, onClose, onDone }: Props) {
	const { t } = useLingui();
	return (
		<Dialog title={meeting ? t`Title and time` : t`Plan a meeting`} isOpen onClose={onClose} width="wide">
			<Schedule meeting={meeting} onClose={onClose} onDone={onDone} />
		</Dialog>
	);
}

function Schedule({ meeting, onClose, onDone }: Props) {
	const { t, i18n } = useLingui();
	const queries = useQueryClient();
	const admissions = useAdmissionOptions();
	const [title, setTitle] = useState(meeting?.title ?? "");
	const [plan, setPlan] = useState<Plan>(() =>
		meeting ? planOf(meeting, new Date()) : firstPlan(new Date(), ownZone()),
	);
	const [zones] = useState(() => zonesOf(i18n.locale, new Date()));
	const [admission, setAdmission] = useState<Admission>(meeting?.admission ?? "link");
	const [isLate, setLate] = useState(false);
	const minutes = useMinuteOptions(plan.minutes);
	const done = (saved: Meeting) => {
		queries.setQueryData(meetingQuery(saved.code).queryKey, saved);
		void queries.invalidateQueries(meetingsQuery());
		onDone(saved);
	};
	const create = api.useMutation("post", "/api/meetings", { onSuccess: done });
	const save = api.useMutation("patch", "/api/meetings/{code}", { onSuccess: done });
	const change = (part: Partial<Plan>) => {
		setLate(false);
		setPlan((now) => ({ ...now, ...part }));
	};
	const submit = () => {
		const starts_at = startOf(plan);
		// A time that is past may stay as it is, but none is planned.
		if (isPast(plan, new Date()) && starts_at !== meeting?.starts_at) return setLate(true);
		const body = {
			title: title.trim(),
			admission,
			starts_at,
			duration_minutes: plan.minutes,
			zone: plan.zone,
		};
		if (meeting) save.mutate({ params: { path: { code: meeting.code } }, body });
		else create.mutate({ body: { ...body, title: body.title || null } });
	};
	return (
		<Form onSubmit={submit}>
			<Field label={t`Title`} optional value={title} onChange={setTitle} maxLength={120} autoFocus />
			<div className={styles.when}>
				<DayField
					label={t`Day`}
					value={plan.day}
					min={today(plan.zone)}
					onChange={(day) => change({ day })}
				/>
				<ClockField
					label={t`Begins at`}
					value={plan.time}
					onChange={(time) => change({ time })}
					error={isLate ? t`This time is past. Choose one that comes.` : null}
				/>
				<Select
					label={t`Lasts`}
					options={minutes}
					value={String(plan.minutes)}
					onChange={(next) => change({ minutes: Number(next) })}
				/>
			</div>
			<SearchSelect
				label={t`Time zone`}
				options={zones}
				value={plan.zone}
				onChange={(zone) => change({ zone })}
			/>
			<Choice label={t`Who comes in`} value={admission} onChange={setAdmission} options={admissions} />
			<ProblemNote error={create.error ?? save.error} />
			<Answers>
				<Button onPress={onClose}>{t`Cancel`}</Button>
				<Button type="submit" look="primary" isPending={create.isPending || save.isPending}>
					{meeting ? t`Save` : t`Plan it`}
				</Button>
			</Answers>
		</Form>
	);
}

/** The usual lengths, and the one that is set, whatever it is. */
function useMinuteOptions(set: number) {
	const format = useFormat();
	const all = [...new Set([...durations, set])].sort((one, other) => one - other);
	return all.map((minutes) => ({ id: String(minutes), name: format.minutes(minutes) }));
}
