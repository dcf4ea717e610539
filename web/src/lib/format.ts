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
	return {
		day,
		weekday: date({ weekday: "long", day: "numeric", month: "long" }),
		time: date({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
		short: date({ day: "numeric", month: "short" }),
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

const known = new Map<string, Format>();

export function useFormat(): Format {
	const { i18n } = useLingui();
	const found = known.get(i18n.locale) ?? formatOf(i18n.locale);
	known.set(i18n.locale, found);
	return found;
}
