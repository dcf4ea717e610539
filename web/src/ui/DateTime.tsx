import type { CalendarDate, Time } from "@internationalized/date";
import { useLingui } from "@lingui/react/macro";
import { CalendarDays, ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "react-aria-components/Button";
import {
	Calendar,
	CalendarCell,
	CalendarGrid,
	CalendarGridBody,
	CalendarGridHeader,
	CalendarHeaderCell,
} from "react-aria-components/Calendar";
import { DateInput, DateSegment } from "react-aria-components/DateField";
import { DatePicker } from "react-aria-components/DatePicker";
import { Dialog } from "react-aria-components/Dialog";
import { Group } from "react-aria-components/Group";
import { Heading } from "react-aria-components/Heading";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { Label } from "react-aria-components/Label";
import { Popover } from "react-aria-components/Popover";
import { TimeField } from "react-aria-components/TimeField";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import styles from "@/ui/DateTime.module.css";
import fields from "@/ui/Field.module.css";
import overlay from "@/ui/Overlay.module.css";

type DayProps = {
	label: string;
	value: CalendarDate;
	min: CalendarDate;
	onChange: (value: CalendarDate) => void;
};

/** A day, typed part by part or chosen from a calendar. */
export function DayField({ label, value, min, onChange }: DayProps) {
	const { t, i18n } = useLingui();
	return (
		// In the order in which Kloud writes every day.
		<I18nProvider locale={i18n.locale === "en" ? "en-GB" : i18n.locale}>
			<DatePicker
				className={fields.field}
				value={value}
				minValue={min}
				onChange={(next) => next && onChange(next)}
				shouldForceLeadingZeros
			>
				<Label className={fields.label}>{label}</Label>
				<Group className={classes(fields.box, styles.group)}>
					<Segments />
					<Button className={styles.open ?? ""} aria-label={t`Calendar`}>
						<CalendarDays aria-hidden />
					</Button>
				</Group>
				<Popover className={overlay.popover ?? ""}>
					<Dialog className={styles.calendar}>
						<Calendar>
							<header className={styles.head}>
								<IconButton slot="previous" size="small" label={t`Month before`}>
									<ChevronLeft />
								</IconButton>
								<Heading className={styles.month} />
								<IconButton slot="next" size="small" label={t`Month after`}>
									<ChevronRight />
								</IconButton>
							</header>
							<CalendarGrid>
								<CalendarGridHeader>
									{(day) => <CalendarHeaderCell className={styles.weekday}>{day}</CalendarHeaderCell>}
								</CalendarGridHeader>
								<CalendarGridBody>
									{(date) => <CalendarCell date={date} className={styles.day ?? ""} />}
								</CalendarGridBody>
							</CalendarGrid>
						</Calendar>
					</Dialog>
				</Popover>
			</DatePicker>
		</I18nProvider>
	);
}

type TimeProps = { label: string; value: Time; onChange: (value: Time) => void; error?: string | null };

export function ClockField({ label, value, onChange, error }: TimeProps) {
	return (
		<TimeField
			className={fields.field}
			value={value}
			hourCycle={24}
			isInvalid={Boolean(error)}
			shouldForceLeadingZeros
			onChange={(next) => next && onChange(next)}
		>
			<Label className={fields.label}>{label}</Label>
			<div className={classes(fields.box, styles.group)} data-invalid={error ? true : undefined}>
				<Segments />
			</div>
			{error ? (
				<span className={fields.error} role="alert">
					{error}
				</span>
			) : null}
		</TimeField>
	);
}

function Segments() {
	return (
		<DateInput className={styles.segments ?? ""}>
			{(segment) => <DateSegment segment={segment} className={styles.segment ?? ""} />}
		</DateInput>
	);
}
