import { useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FileText } from "lucide-react";
import { api } from "@/api/client";
import { instanceQuery } from "@/api/queries";
import type { OptionalPurpose } from "@/api/types";
import { ConsentList } from "@/features/me/ConsentList";
import styles from "@/features/me/me.module.css";
import { agreementPath } from "@/lib/agreement";
import { useDataWords } from "@/lib/data-words";
import { currentLanguage } from "@/lib/i18n";
import { Button, buttonClass } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Card, CardHead, Line, Lines, PageHead, Stack, Text } from "@/ui/Layout";
import { Empty } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

const consentsQuery = () => api.queryOptions("get", "/api/me/consents");

export function Consents() {
	const { t } = useLingui();
	const consents = useQuery(consentsQuery());
	return (
		<>
			<title>{t`Agreement and consents · Kloud`}</title>
			<PageHead
				title={t`Agreement and consents`}
				lead={t`What you said yes and no to. Every answer can be changed, and nothing else depends on it.`}
			/>
			<Stack gap={5}>
				<AgreementCard />
				{consents.isPending ? (
					<Card>
						<SkeletonLines />
					</Card>
				) : consents.isError ? (
					<ProblemNote error={consents.error} onRetry={() => void consents.refetch()} />
				) : (
					<>
						{consents.data.optional.map((purpose) => (
							<Optional key={purpose.purpose} purpose={purpose} />
						))}
						<Card>
							<CardHead title={t`Your answers`} />
							{consents.data.consents.length === 0 ? (
								<Empty icon={<FileText aria-hidden />}>
									{t`None yet. When you answer a question, for example at a microphone's first press, it stands here.`}
								</Empty>
							) : (
								<ConsentList consents={consents.data.consents} />
							)}
						</Card>
					</>
				)}
			</Stack>
		</>
	);
}

function AgreementCard() {
	const { t } = useLingui();
	const { data: instance } = useQuery(instanceQuery());
	return (
		<Card>
			<Lines>
				<Line
					icon={<FileText aria-hidden />}
					title={t`The agreement`}
					detail={
						instance
							? t`Version ${instance.agreement.version}. Reading it needs no account and leaves no trace.`
							: null
					}
				>
					<a className={buttonClass()} href={agreementPath()} target="_blank" rel="noreferrer">
						{t`Read`}
					</a>
				</Line>
			</Lines>
		</Card>
	);
}

/** A purpose nothing depends on: yes and no are the same size, and none is no. */
function Optional({ purpose }: { purpose: OptionalPurpose }) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const words = useDataWords();
	const answer = api.useMutation("put", "/api/me/consents/{purpose}", {
		onSettled: () => queries.invalidateQueries(consentsQuery()),
	});
	const say = (yes: boolean) =>
		answer.mutate({
			params: { path: { purpose: purpose.purpose } },
			body: { answer: yes ? "yes" : "no", language: currentLanguage() },
		});
	const given = {
		yes: <Chip tone="good">{t`You said yes`}</Chip>,
		no: <Chip>{t`You said no`}</Chip>,
		none: <Chip>{t`Not answered, so no`}</Chip>,
	}[purpose.answer];
	return (
		<Card pad label={words.purpose(purpose.purpose)}>
			<div className={styles.optional}>
				<div>
					<div className={styles.optionalHead}>
						<h2>{words.purpose(purpose.purpose)}</h2>
						{given}
					</div>
					<Text tone="quiet">{purpose.text}</Text>
					<ProblemNote error={answer.error} />
				</div>
				<div className={styles.yesNo}>
					<Button aria-pressed={purpose.answer === "no"} onPress={() => say(false)}>
						{t`No`}
					</Button>
					<Button aria-pressed={purpose.answer === "yes"} onPress={() => say(true)}>
						{t`Yes`}
					</Button>
				</div>
			</div>
		</Card>
	);
}
