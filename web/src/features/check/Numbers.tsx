import { useLingui } from "@lingui/react/macro";
import type { CheckView } from "@/call/check";
import styles from "@/features/check/check.module.css";

/** For whoever likes to know: what was measured. */
export function Numbers({ view: { answerMs, waysMs, relays, talk } }: { view: CheckView }) {
	const { t } = useLingui();
	const ms = (value: number | null | undefined) => {
		if (value === null || value === undefined) return "–";
		const whole = Math.round(value);
		return t`${whole} ms`;
	};
	const share = talk ? (talk.loss * 100).toFixed(1) : null;
	const entries = [
		[t`The server answers in`, ms(answerMs)],
		[t`Media by UDP is there in`, ms(waysMs.udp)],
		[t`Media by TCP is there in`, ms(waysMs.tcp)],
		[t`Media by the relay is there in`, ms(waysMs.relay)],
		[t`The relay is reached by`, relays.map((each) => each.toUpperCase()).join(", ") || "–"],
		[t`Lost on the way`, share === null ? "–" : t`${share} %`],
		[t`There and back`, ms(talk?.tripMs)],
		[t`Unevenness (jitter)`, ms(talk?.jitterMs)],
	];
	return (
		<dl className={styles.numbers}>
			{entries.map(([name, value]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}
