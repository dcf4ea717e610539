import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Meeting } from "@/api/types";
import { useFormat } from "@/lib/format";
import { placeOf } from "@/lib/meeting-order";
import { useWhenWords } from "@/lib/when-words";

const soonMs = 60 * 60_000;

/** How a meeting is called and described wherever it is listed. */
export function useMeetingWords() {
	const { t } = useLingui();
	const format = useFormat();
	const when = useWhenWords();
	const past = (at: string, now: Date) => {
		const today = new Date(at).toDateString() === now.toDateString();
		return { main: today ? format.time(at) : format.short(at), under: today ? t`today` : format.time(at) };
	};
	return {
		title: ({ title, code }: Pick<Meeting, "title" | "code">) => title ?? t`Meeting ${code}`,
		inside: (count: number) => plural(count, { one: "# inside", other: "# inside" }),
		admission: ({ admission }: Pick<Meeting, "admission">) =>
			admission === "link" ? t`Everyone with the link` : t`You let each person in`,
		/** When it is, was, or was made; the near ones by the clock, others by the day. */
		time: (meeting: Meeting, now: Date) => {
			const place = placeOf(meeting, now);
			const { started_at, starts_at, created_at } = meeting;
			if (place === "now") return { main: format.time(started_at ?? created_at), under: t`now` };
			if (place !== "next" || !starts_at) return past(started_at ?? starts_at ?? created_at, now);
			const isSoon = Date.parse(starts_at) - now.getTime() < soonMs;
			return {
				main: format.time(starts_at),
				under: isSoon ? format.ago(starts_at, now) : format.nearDay(starts_at, now),
			};
		},
		detail: (meeting: Meeting, now: Date) => {
			const { role, host_name, duration_minutes, chat_kept_until, state } = meeting;
			const place = placeOf(meeting, now);
			const who =
				role === "host" ? t`Yours` : host_name ? t`Hosted by ${host_name}` : t`Hosted by someone else`;
			const parts = [who];
			if (place === "next" && duration_minutes) parts.push(format.minutes(duration_minutes));
			if (place === "next") parts.push(when.elsewhere(meeting) ?? "");
			if (place === "whenever") parts.push(t`not started`);
			if (place === "before" && !meeting.has_recap && state !== "ended") parts.push(t`nobody came`);
			if (chat_kept_until) parts.push(t`chat kept until ${format.day(chat_kept_until)}`);
			return parts.filter(Boolean).join(" · ");
		},
	};
}
