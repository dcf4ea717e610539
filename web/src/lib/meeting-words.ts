import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Meeting } from "@/api/types";
import { useFormat } from "@/lib/format";

/** How a meeting is called and described wherever it is listed. */
export function useMeetingWords() {
	const { t } = useLingui();
	const format = useFormat();
	return {
		title: ({ title, code }: Pick<Meeting, "title" | "code">) => title ?? t`Meeting ${code}`,
		inside: (count: number) => plural(count, { one: "# inside", other: "# inside" }),
		admission: ({ admission }: Pick<Meeting, "admission">) =>
			admission === "link" ? t`Everyone with the link` : t`You let each person in`,
		/** When it was, or when it was made; today's by the clock, others by the day. */
		time: (meeting: Meeting, now: Date) => {
			const at = meeting.started_at ?? meeting.created_at;
			const today = new Date(at).toDateString() === now.toDateString();
			if (meeting.state === "live") return { main: format.time(at), under: t`now` };
			return { main: today ? format.time(at) : format.short(at), under: today ? t`today` : format.time(at) };
		},
		detail: (meeting: Meeting) => {
			const who = meeting.role === "host" ? t`Yours` : t`Hosted by someone else`;
			if (meeting.chat_kept_until)
				return `${who} · ${t`chat kept until ${format.day(meeting.chat_kept_until)}`}`;
			return meeting.state === "idle" ? `${who} · ${t`not started`}` : who;
		},
	};
}
