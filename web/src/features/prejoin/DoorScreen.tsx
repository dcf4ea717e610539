import { useLingui } from "@lingui/react/macro";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Door } from "@/api/types";
import type { Call } from "@/call/call";
import type { Preview } from "@/call/preview";
import type { Session } from "@/call/session";
import { JoinForm } from "@/features/prejoin/JoinForm";
import { Planned } from "@/features/prejoin/Planned";
import { PreviewPane } from "@/features/prejoin/PreviewPane";
import styles from "@/features/prejoin/prejoin.module.css";
import { WhoIsInside } from "@/features/prejoin/WhoIsInside";
import { problemOf } from "@/lib/problem";
import { DoorPage } from "@/ui/Brand";
import { Button, buttonClass } from "@/ui/Button";
import { PageHead, Row, Stack, Text } from "@/ui/Layout";
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
	if (data.refusal) return <Refused refusal={data.refusal} door={data} onLook={() => void door.refetch()} />;
	return <OpenDoor door={data} session={session} call={call} preview={preview} />;
}

type OpenProps = Omit<Props, "door"> & { door: Door };

function OpenDoor({ door, session, call, preview }: OpenProps) {
	const { t } = useLingui();
	const [name, setName] = useState(door.you.name ?? "");
	return (
		<DoorPage width="free" right={door.you.kind === "account" ? null : <SignInInstead code={door.code} />}>
			<title>{`${door.title ?? t`Meeting ${door.code}`} · Kloud`}</title>
			<div className={styles.door}>
				<div className={styles.head}>
					<Text size={13} tone="quiet">
						{door.host_name ? t`Hosted by ${door.host_name}` : t`A meeting`}
					</Text>
					<h1>{door.title ?? t`Meeting ${door.code}`}</h1>
					<Planned door={door} />
					<WhoIsInside door={door} />
				</div>
				<PreviewPane name={name.trim() || null} preview={preview} />
				<JoinForm door={door} name={name} onName={setName} session={session} call={call} preview={preview} />
			</div>
		</DoorPage>
	);
}

type RefusedProps = { refusal: NonNullable<Door["refusal"]>; door: Door; onLook: () => void };

/** The link is right, and opens nothing: why, and what to do. */
function Refused({ refusal, door, onLook }: RefusedProps) {
	const { t } = useLingui();
	const words = {
		locked: {
			title: t`This meeting is locked`,
			lead: t`The host lets nobody new in. Ask them to unlock it, then look again.`,
		},
		expired: {
			title: t`This link has expired`,
			lead: t`The host set a day after which it opens nothing. Ask them for a new one.`,
		},
		banned: {
			title: t`You cannot join this meeting`,
			lead: t`The host has shut you out of it. If that is a mistake, write to them: only they can change it.`,
		},
	};
	const { title, lead } = words[refusal];
	return (
		<Closed title={title} lead={lead} above={door.title}>
			{refusal === "locked" ? (
				<Button look="primary" onPress={onLook}>
					{t`Look again`}
				</Button>
			) : null}
		</Closed>
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

type ClosedProps = { title: string; lead: string; above?: string | null; children?: ReactNode };

function Closed({ title, lead, above, children }: ClosedProps) {
	const { t } = useLingui();
	return (
		<DoorPage>
			<title>{`${title} · Kloud`}</title>
			<PageHead above={above} title={title} lead={lead} begins />
			<Row gap={3} wrap>
				{children}
				<a className={buttonClass({ look: children ? "plain" : "primary" })} href="/">
					{t`Go home`}
				</a>
			</Row>
		</DoorPage>
	);
}
