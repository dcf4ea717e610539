import { useLingui } from "@lingui/react/macro";
import { useFormat } from "@/lib/format";

type Time = { starts_at: string | null; duration_minutes: number | null; zone: string | null };

/** When a meeting is meant to be, in the reader's own time, and in its own where that is another. */
export function useWhenWords() {
	const { t, i18n } = useLingui();
	const format = useFormat();
	const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
	return {
		/** "Today, 14:00 – 14:45"; null for a meeting without a time. */
		planned: ({ starts_at, duration_minutes }: Time, now: Date) => {
			if (!starts_at) return null;
			const day = format.relativeDay(starts_at, now);
			const hours = duration_minutes ? format.range(starts_at, duration_minutes) : format.time(starts_at);
			return t`${day.charAt(0).toUpperCase() + day.slice(1)}, ${hours}`;
		},
		/** "15:00 in Shanghai", where the clock there shows another hour. */
		elsewhere: ({ starts_at, zone }: Time) => {
			if (!starts_at || !zone || zone === own) return null;
			const there = zoneTime(starts_at, zone);
			return there === zoneTime(starts_at, own) ? null : t`${there} in ${zoneName(zone, i18n.locale)}`;
		},
		/** "in 10 minutes", or how long ago it should have begun. */
		distance: ({ starts_at }: Time, now: Date) => (starts_at ? format.ago(starts_at, now) : null),
	};
}

function zoneTime(at: string, timeZone: string): string {
	return new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format(
		new Date(at),
	);
}

/** A zone's own name as people say it: "Asia/Shanghai" is Shanghai, in Chinese its name of the time there. */
export function zoneName(zone: string, locale: string): string {
	if (locale === "en") return zone.split("/").at(-1)?.replaceAll("_", " ") ?? zone;
	const parts = new Intl.DateTimeFormat(locale, {
		timeZone: zone,
		timeZoneName: "longGeneric",
	}).formatToParts();
	return parts.find(({ type }) => type === "timeZoneName")?.value ?? zone;
}
