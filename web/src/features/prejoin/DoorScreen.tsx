import { useLingui } from "@lingui/react/macro";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Door } from "@/api/types";
import type { Call } from "@/call/call";
import type { Preview } from "@/call/preview";
import type { Session } from "@/call/session";
import { JoinForm } from "@/features/prejoin/JoinForm";
import { PreviewPane } from "@/features/prejoin/PreviewPane";
import styles from "@/features/prejoin/prejoin.module.css";
import { WhoIsInside } from "@/features/prejoin/WhoIsInside";
import { problemOf } from "@/lib/problem";
import { DoorPage } from "@/ui/Brand";
import { buttonClass } from "@/ui/Button";
import { PageHead, Stack, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { Bone } from "@/ui/Skeleton";

type Props = { door: UseQueryResult<Door, unknown>; session: Session; call: Call; preview: Preview };

/** Before joining: everything is off, what is kept is said, and one press goes in. */
export function DoorScreen({ door, session, call, preview }: Props) {
	const { t } = useLingui();
	if (door.isPending) return <Loading />;
	if (door.isError) {
		return problemOf(door.error).code === "not_found" ? (
			<Closed
				title={t`There is no such meeting`}
				lead={t`Look at the link again, or ask who sent it. Codes look like qjm-wx4t-9kd.`}
			/>
		) : (
			<DoorPage>
				<title>{t`Meeting · Kloud`}</title>
				<ProblemNote error={door.error} onRetry={() => void door.refetch()} />
			</DoorPage>
		);
	}
	const { data } = door;
	if (data.state === "ended") {
		return (
			<Closed
				title={t`This meeting has ended`}
				lead={t`Its link opens no more. Ask the host for a new one.`}
			/>
		);
	}
	return (
		<DoorPage width="free" right={data.you.kind === "account" ? null : <SignInInstead code={data.code} />}>
			<title>{`${data.title ?? t`Meeting ${data.code}`} · Kloud`}</title>
			<div className={styles.door}>
				<div className={styles.head}>
					<Text size={13} tone="quiet">
						{data.host_name ? t`Hosted by ${data.host_name}` : t`A meeting`}
					</Text>
					<h1>{data.title ?? t`Meeting ${data.code}`}</h1>
					<WhoIsInside door={data} />
				</div>
				<PreviewPane name={data.you.name} preview={preview} />
				<JoinForm door={data} session={session} call={call} preview={preview} />
			</div>
		</DoorPage>
	);
}

function SignInInstead({ code }: { code: string }) {
	const { t } = useLingui();
	return (
		<>
			<span className={styles.noAccount}>{t`No account needed`}</span>
			<a className={styles.signIn} href={`/sign-in?next=${encodeURIComponent(`/m/${code}`)}`}>
				{t`Sign in`}
			</a>
		</>
	);
}

function Loading() {
	return (
		<DoorPage width="free">
			<div className={styles.door}>
				<div className={styles.head}>
					<Stack gap={3}>
						<Bone shape="half" />
						<Bone shape="title" />
					</Stack>
				</div>
				<div className={styles.preview}>
					<div className={styles.screen} />
				</div>
				<div className={styles.form}>
					<Bone shape="block" />
				</div>
			</div>
		</DoorPage>
	);
}

function Closed({ title, lead }: { title: string; lead: string }) {
	const { t } = useLingui();
	return (
		<DoorPage>
			<title>{`${title} · Kloud`}</title>
			<PageHead title={title} lead={lead} />
			<a className={buttonClass({ look: "primary" })} href="/">
				{t`Go home`}
			</a>
		</DoorPage>
	);
}
