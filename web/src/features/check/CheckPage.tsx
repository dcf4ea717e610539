import { useLingui } from "@lingui/react/macro";
import { Check as CheckMark, CircleDashed, Minus, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { type Check, type CheckView, reportOf, verdictOf } from "@/call/check";
import styles from "@/features/check/check.module.css";
import { Numbers } from "@/features/check/Numbers";
import { type Row, type Tone, useRows, useSummary } from "@/features/check/words";
import { useStore } from "@/lib/use-store";
import { DoorPage } from "@/ui/Brand";
import { Button, buttonClass } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Fold } from "@/ui/Fold";
import { Card, Row as Side, Stack, Unseen } from "@/ui/Layout";
import { useCopy } from "@/ui/use-copy";

type Props = {
	check: Check;
	/** The meeting that one came from. */
	code: string | null;
	/** Where one sees and hears oneself; drawn once it is opened, and off until it is pressed. */
	devices: ReactNode;
};

/** Whether meetings work from here: one sentence, then each thing that was tried. */
export function CheckPage({ check, code, devices }: Props) {
	const { t } = useLingui();
	const view = useStore(check.view);
	const rows = useRows();
	const copy = useCopy();
	return (
		<DoorPage width="wizard">
			<title>{t`Check your connection · Kloud`}</title>
			<Stack gap={5}>
				<Answer view={view} />
				<Card label={t`What was tried`}>
					<ol className={styles.rows}>
						{rows(view).map((row) => (
							<Tried key={row.step} row={row} />
						))}
					</ol>
				</Card>
				<Side gap={2} wrap>
					{code ? (
						<a className={buttonClass({ look: "primary" })} href={`/m/${code}`}>
							{t`Back to the meeting`}
						</a>
					) : null}
					<Button look={code ? "plain" : "primary"} isPending={!view.isOver} onPress={() => void check.run()}>
						{t`Check again`}
					</Button>
					<Button
						look="ghost"
						isDisabled={!view.isOver}
						onPress={() => copy(reportOf(view), t`Copied: results only, no name and no address`)}
					>
						{t`Copy for support`}
					</Button>
				</Side>
				<Card>
					<Fold
						title={t`Microphone and camera`}
						detail={t`Only when you press; nobody else sees or hears you`}
					>
						<div className={styles.devices}>{devices}</div>
					</Fold>
					<Fold title={t`Details`} detail={t`The numbers behind the words`}>
						<Numbers view={view} />
					</Fold>
				</Card>
			</Stack>
		</DoorPage>
	);
}

function Answer({ view }: { view: CheckView }) {
	const words = useSummary();
	const { title, lead, tone } = words(verdictOf(view), view);
	return (
		<div className={classes(styles.answer, styles[tone])} role="status" data-verdict={verdictOf(view)}>
			<Sign tone={tone === "plain" ? "running" : tone} />
			<div>
				<h1 tabIndex={-1}>{title}</h1>
				<p>{lead}</p>
			</div>
		</div>
	);
}

const signs = {
	waiting: CircleDashed,
	running: CircleDashed,
	good: CheckMark,
	warn: TriangleAlert,
	bad: X,
	quiet: Minus,
};

function Sign({ tone }: { tone: Tone }) {
	const Icon = signs[tone];
	return (
		<span className={classes(styles.sign, styles[`sign-${tone}`])} aria-hidden>
			<Icon />
		</span>
	);
}

function Tried({ row: { step, title, detail, tone } }: { row: Row }) {
	const { t } = useLingui();
	const spoken: Record<Tone, string> = {
		waiting: t`waiting`,
		running: t`running`,
		good: t`good`,
		warn: t`with a remark`,
		bad: t`failed`,
		quiet: t`without effect`,
	};
	return (
		<li className={styles.row} data-step={step} data-tone={tone}>
			<Sign tone={tone} />
			<div className={styles.words}>
				<div className={styles.title}>
					{title}
					<Unseen>{` · ${spoken[tone]}`}</Unseen>
				</div>
				<div className={styles.detail}>{detail}</div>
			</div>
		</li>
	);
}
