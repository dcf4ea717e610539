import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Meeting } from "@/api/types";
import { useChange } from "@/features/meetings/change";
import styles from "@/features/meetings/meetings.module.css";
import { useFormat } from "@/lib/format";
import { ProblemNote } from "@/ui/ProblemNote";
import { Select } from "@/ui/Select";

const caps = [2, 5, 10, 20, 50, 100, 200];
const dayMs = 86_400_000;

/** How many come in at once, and until when the link opens. */
export function Limits({ meeting }: { meeting: Meeting }) {
	const { t } = useLingui();
	const format = useFormat();
	const { change, error } = useChange(meeting);
	const cap = meeting.cap ?? 0;
	const capOptions = [...new Set([0, ...caps, cap])]
		.sort((one, other) => one - other)
		.map((count) => ({
			id: String(count),
			name: count === 0 ? t`As many as come` : plural(count, { one: "# person", other: "# people" }),
		}));
	const until = meeting.expires_at;
	const days = [1, 7, 30, 90].map((count) => ({
		id: String(count),
		name: plural(count, { one: "For one more day", other: "For # more days" }),
	}));
	const never = { id: "never", name: t`Until the meeting is ended` };
	const now = until ? [{ id: "now", name: t`Until ${format.moment(until)}` }] : [];
	return (
		<>
			<div className={styles.picks}>
				<Select
					label={t`Inside at once`}
					options={capOptions}
					value={String(cap)}
					onChange={(next) => change({ cap: Number(next) }, { cap })}
				/>
				<Select
					label={t`The link opens`}
					options={[...now, never, ...days]}
					value={until ? "now" : "never"}
					onChange={(next) => {
						if (next === "now") return;
						const inDays = () => new Date(Date.now() + Number(next) * dayMs).toISOString();
						change({ expires_at: next === "never" ? null : inDays() }, { expires_at: until });
					}}
				/>
			</div>
			<ProblemNote error={error} />
		</>
	);
}
