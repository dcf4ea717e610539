import { useLingui } from "@lingui/react";

/** Dates, numbers and lists in the person's language and time zone. */
export type Format = {
	day: (at: string) => string;
	weekday: (at: Date) => string;
	time: (at: string) => string;
	short: (at: string) => string;
	moment: (at: string) => string;
	/** With its year: what is kept may be old. */
	exact: (at: string) => string;
	ago: (at: string, now: Date) => string;
	/** "today", "tomorrow", or the weekday with its date. */
	relativeDay: (at: string, now: Date) => string;
	/** "today", "tomorrow", or the short date. */
	nearDay: (at: string, now: Date) => string;
	/** From and until, in one zone. */
	range: (at: string, minutes: number) => string;
	/** How long something lasted or will last. */
	minutes: (value: number) => string;
	number: (value: number) => string;
	list: (parts: readonly string[]) => string;
	bytes: (value: number) => string;
	countdown: (seconds: number) => string;
};

export function formatOf(locale: string, timeZone?: string): Format {
	const date = (options: Intl.DateTimeFormatOptions) => {
		const format = new Intl.DateTimeFormat(locale === "en" ? "en-GB" : locale, { timeZone, ...options });
		return (at: string | Date) => format.format(new Date(at));
	};
	const number = new Intl.NumberFormat(locale);
	const list = new Intl.ListFormat(locale === "en" ? "en-GB" : locale, { type: "conjunction" });
	const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
	const day = date({ day: "numeric", month: "long", year: "numeric" });
	const weekday = date({ weekday: "long", day: "numeric", month: "long" });
	const short = date({ day: "numeric", month: "short" });
	const time = date({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
	return {
		day,
		weekday,
		time,
		short,
		moment: date({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
		exact: date({
			day: "numeric",
			month: "short",
			year: "numeric",
			hour: "2-digit",
			minute: "2-digit",
			hourCycle: "h23",
		}),
		ago: (at, now) => {
			const seconds = Math.round((new Date(at).getTime() - now.getTime()) / 1000);
			const size = Math.abs(seconds);
			if (size < 60) return relative.format(0, "minute");
			if (size < 3600) return relative.format(Math.trunc(seconds / 60), "minute");
			if (size < 86_400) return relative.format(Math.trunc(seconds / 3600), "hour");
			if (size < 604_800) return relative.format(Math.trunc(seconds / 86_400), "day");
			return day(at);
		},
		relativeDay: (at, now) => {
			const days = daysBetween(now, new Date(at), timeZone);
			return Math.abs(days) <= 1 ? relative.format(days, "day") : weekday(at);
		},
		nearDay: (at, now) => {
			const days = daysBetween(now, new Date(at), timeZone);
			return Math.abs(days) <= 1 ? relative.format(days, "day") : short(at);
		},
		range: (at, minutes) => `${time(at)} – ${time(new Date(new Date(at).getTime() + minutes * 60_000))}`,
		minutes: (value) => {
			const unit = (count: number, name: string) =>
				new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short" }).format(count);
			const [hours, rest] = [Math.floor(value / 60), Math.round(value % 60)];
			if (hours === 0) return unit(Math.max(1, rest), "minute");
			return rest === 0 ? unit(hours, "hour") : `${unit(hours, "hour")} ${unit(rest, "minute")}`;
		},
		number: (value) => number.format(value),
		list: (parts) => list.format(parts),
		bytes: (value) => {
			const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
			const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
			return new Intl.NumberFormat(locale, {
				style: "unit",
				unit: units[step] ?? "byte",
				maximumFractionDigits: step > 1 ? 1 : 0,
			}).format(value / 1000 ** step);
		},
		countdown: (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`,
	};
}

/** Whole days of the calendar from one moment to another, as the zone counts them. */
export function daysBetween(from: Date, to: Date, timeZone?: string): number {
	const day = new Intl.DateTimeFormat("en-CA", { timeZone });
	const number = (at: Date) => Date.parse(`${day.format(at)}T00:00:00Z`) / 86_400_000;
	return number(to) - number(from);
}

const known = new Map<string, Format>();

export function useFormat(): Format {
	const { i18n } = useLingui();
	const found = known.get(i18n.locale) ?? formatOf(i18n.locale);
	known.set(i18n.locale, found);
	return found;
}
