import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { FileText } from "lucide-react";
import { api } from "@/api/client";
import { instanceQuery } from "@/api/queries";
import { ConsentList } from "@/features/me/ConsentList";
import { agreementPath } from "@/lib/agreement";
import { buttonClass } from "@/ui/Button";
import { Card, CardHead, Line, Lines, PageHead, Stack } from "@/ui/Layout";
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
