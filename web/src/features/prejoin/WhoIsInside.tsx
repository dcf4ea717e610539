import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Door } from "@/api/types";
import styles from "@/features/prejoin/prejoin.module.css";
import { useFormat } from "@/lib/format";
import { AvatarStack } from "@/ui/Avatar";

/** Names are for those who may walk in; whoever must knock sees how many. */
export function WhoIsInside({ door }: { door: Door }) {
	const { t } = useLingui();
	const format = useFormat();
	const { count, names } = door.inside;
	if (count === 0) return <div className={styles.inside}>{t`Nobody is inside yet`}</div>;
	if (!names || names.length === 0) {
		return (
			<div className={styles.inside}>
				{plural(count, { one: "One person is inside", other: "# people are inside" })}
			</div>
		);
	}
	const shown = names.slice(0, 3);
	const more = count - shown.length;
	const list = format.list(more > 0 ? [...shown, plural(more, { one: "# more", other: "# more" })] : shown);
	return (
		<div className={styles.inside}>
			<AvatarStack names={[...new Set(shown)]} />
			{count === 1 ? t`${list} is inside` : t`${list} are inside`}
		</div>
	);
}
