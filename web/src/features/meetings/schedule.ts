import {
	CalendarDate,
	fromDate,
	now as nowIn,
	parseAbsolute,
	Time,
	toCalendarDate,
	toCalendarDateTime,
	toTime,
	toZoned,
} from "@internationalized/date";
import type { Meeting } from "@/api/types";

/** A time as it is planned: a day and an hour of some zone's clock. */
export type Plan = { day: CalendarDate; time: Time; minutes: number; zone: string };

export const durations = [15, 30, 45, 60, 90, 120, 180, 240] as const;

export function ownZone(): string {
	return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The moment in words of the server. An hour that a clock skips in spring is the one after it. */
export function startOf({ day, time, zone }: Plan): string {
	const local = toCalendarDateTime(day, time);
	return toZoned(local, zone).toDate().toISOString();
}

/** The next half or full hour that leaves time to invite somebody. */
export function firstPlan(now: Date, zone: string): Plan {
	const step = 30 * 60_000;
	const start = fromDate(new Date(Math.ceil((now.getTime() + step / 2) / step) * step), zone);
	return { day: toCalendarDate(start), time: new Time(start.hour, start.minute), minutes: 45, zone };
}

export function planOf(meeting: Pick<Meeting, "starts_at" | "duration_minutes" | "zone">, now: Date): Plan {
	const zone = meeting.zone ?? ownZone();
	if (!meeting.starts_at) return firstPlan(now, zone);
	const start = parseAbsolute(meeting.starts_at, zone);
	return {
		day: toCalendarDate(start),
		time: toTime(start),
		minutes: meeting.duration_minutes ?? 45,
		zone,
	};
}

export function today(zone: string): CalendarDate {
	const { year, month, day } = nowIn(zone);
	return new CalendarDate(year, month, day);
}

export function isPast(plan: Plan, now: Date): boolean {
	return Date.parse(startOf(plan)) < now.getTime() - 60_000;
}

/** Every zone, by its city and how far its clock is now. */
export function zonesOf(locale: string, now: Date): { id: string; name: string }[] {
	const known = Intl.supportedValuesOf("timeZone");
	const all = known.includes("UTC") ? known : [...known, "UTC"];
	return all.map((zone) => ({ id: zone, name: zoneLabel(zone, locale, now) }));
}

function zoneLabel(zone: string, locale: string, now: Date): string {
	const part = (timeZoneName: "longGeneric" | "shortOffset") =>
		new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName })
			.formatToParts(now)
			.find(({ type }) => type === "timeZoneName")?.value ?? "";
	const city = zone.replaceAll("_", " ");
	return locale === "en"
		? `${city} · ${part("shortOffset")}`
		: `${part("longGeneric")} · ${city} · ${part("shortOffset")}`;
}
