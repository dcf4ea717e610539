import { useLingui } from "@lingui/react/macro";
import { classes } from "@/ui/classes";
import { Unseen } from "@/ui/Layout";
import styles from "@/ui/Skeleton.module.css";

type Shape = "short" | "half" | "long" | "title" | "block" | "round";

export function Bone({ shape = "half" }: { shape?: Shape }) {
	return <span className={classes(styles.bone, styles[shape])} aria-hidden />;
}

/** Where a list will stand: the same rows, without words, so that nothing moves when they come. */
export function SkeletonLines({ count = 3 }: { count?: number }) {
	const { t } = useLingui();
	return (
		<div className={styles.lines} role="status">
			<Unseen>{t`Loading`}</Unseen>
			{Array.from({ length: count }, (_, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: bones have no identity
				<div className={styles.line} key={at}>
					<Bone shape="round" />
					<div className={styles.two}>
						<Bone shape={at % 2 ? "half" : "long"} />
						<Bone shape="short" />
					</div>
				</div>
			))}
		</div>
	);
}
