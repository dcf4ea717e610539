import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api, client } from "@/api/client";
import type { CancellationStatus } from "@/api/types";
import { CertificateCard } from "@/features/me/cancellation/CertificateCard";
import { StepList } from "@/features/me/cancellation/StepList";
import { useFormat } from "@/lib/format";
import { problemOf } from "@/lib/problem";
import { DoorPage } from "@/ui/Brand";
import { Button, buttonClass } from "@/ui/Button";
import { Card, PageHead, Row, Stack } from "@/ui/Layout";
import { Note, Quiet } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

const lookAgainMs = 1500;

/** The page of a cancelled account. Its secret link is the only thing that still belongs to the person. */
export function Cancelled({ request }: { request: string }) {
	const { t } = useLingui();
	const status = useQuery({
		queryKey: ["cancellation", request],
		queryFn: async () => {
			const { data, error } = await client.POST("/api/cancellations/status", { body: { request } });
			if (error) throw error;
			return data;
		},
		enabled: request !== "",
		refetchInterval: ({ state }) => (state.data?.state === "certified" || state.error ? false : lookAgainMs),
	});
	const unknown = request === "" || (status.isError && problemOf(status.error).code === "not_found");
	return (
		<DoorPage width="wizard">
			<title>{t`Account cancellation · Kloud`}</title>
			{unknown ? (
				<Stack gap={4}>
					<PageHead
						title={t`Nothing is here`}
						lead={t`The link is incomplete, or what it led to was taken back or is no longer kept.`}
					/>
					<a className={buttonClass()} href="/">{t`Go home`}</a>
				</Stack>
			) : status.isError ? (
				<ProblemNote error={status.error} onRetry={() => void status.refetch()} />
			) : status.isPending ? (
				<Card>
					<SkeletonLines count={5} />
				</Card>
			) : (
				<Progress request={request} status={status.data} />
			)}
		</DoorPage>
	);
}

function Progress({ request, status }: { request: string; status: CancellationStatus }) {
	const { t } = useLingui();
	const format = useFormat();
	const takeBack = api.useMutation("post", "/api/cancellations/take-back", {
		onSuccess: () => location.assign("/sign-in"),
	});
	const isDone = status.state === "certified";
	return (
		<Stack gap={5}>
			<PageHead
				title={isDone ? t`Your account is cancelled` : t`Your account is being cancelled`}
				lead={
					isDone
						? t`Nothing of you can be read here any more. The certificate says so, signed.`
						: t`It goes on by itself. You may close this page; its link shows how far it is.`
				}
			/>
			{status.state === "waiting" && status.waits_until ? (
				<Note
					action={
						<Button isPending={takeBack.isPending} onPress={() => takeBack.mutate({ body: { request } })}>
							{t`Take it back`}
						</Button>
					}
				>
					{t`Until ${format.moment(status.waits_until)} you can take it back.`}
				</Note>
			) : null}
			<ProblemNote error={takeBack.error} />
			<Card>
				<StepList status={status} />
			</Card>
			{status.certificate ? <CertificateCard certificate={status.certificate} /> : null}
			<Row align="center">
				<Quiet
					center
				>{t`Keep this page's address if you want to look again. It is known to you alone.`}</Quiet>
			</Row>
		</Stack>
	);
}
