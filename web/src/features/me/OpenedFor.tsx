import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { Eye } from "lucide-react";
import { api } from "@/api/client";
import styles from "@/features/me/me.module.css";
import type { DataGroup } from "@/lib/data-groups";
import { useFormat } from "@/lib/format";

/** Whether somebody opened what is in this group: an opening names a reason, and only what may be opened for it opens. */
export function OpenedFor({ group }: { group: DataGroup }) {
	const { t } = useLingui();
	const format = useFormat();
	const { data } = api.useQuery("get", "/api/me/data/openings");
	if (!data) return null;
	const reasons = new Set(group.things.flatMap(({ values }) => values.flatMap(({ purposes }) => purposes)));
	const found = data.openings.filter(({ purpose }) => reasons.has(purpose));
	const times = found.reduce((sum, { count }) => sum + count, 0);
	const last = found
		.map(({ at }) => at)
		.sort()
		.at(-1);
	const isShared = reasons.has("show_to_audience") && data.memberships.length > 0;
	const words = last
		? t`${plural(times, { one: "Opened once", other: "Opened # times" })} for these reasons, last on ${format.day(last)}.`
		: t`Opened by nobody but you.`;
	return (
		<p className={styles.opened}>
			<Eye aria-hidden />
			<span>
				{words} {isShared ? t`People in a meeting see your name there and what you write.` : null}{" "}
				<a href="#opened">{t`Who opened it`}</a>
			</span>
		</p>
	);
}
