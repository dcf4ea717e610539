import { useLingui } from "@lingui/react/macro";
import { CircleDot, MessageCircle, UserRound, Users } from "lucide-react";
import type { ReactNode } from "react";
import type { Door } from "@/api/types";
import type { Ending } from "@/call/session";
import { usePolicyWords } from "@/lib/policy-words";
import { DoorPage } from "@/ui/Brand";
import { Button, buttonClass } from "@/ui/Button";
import { Card, CardHead, Line, Lines, PageHead, Row, Stack } from "@/ui/Layout";

type Props = {
	code: string;
	ending: Ending;
	door: Door | undefined;
	/** What stays of the meeting, once it is over. */
	recap: ReactNode;
};

/** After the meeting: why one is here, and what was kept. */
export function After({ code, ending, door, recap }: Props) {
	const { t } = useLingui();
	const words: Record<Ending, { title: string; lead: string }> = {
		left: { title: t`You left`, lead: t`Camera and microphone are off. The meeting may go on without you.` },
		ended: { title: t`The meeting has ended`, lead: t`Camera and microphone are off.` },
		denied: {
			title: t`You were not let in`,
			lead: t`The host said no this time. Your name is forgotten within the hour.`,
		},
		removed: {
			title: t`You were taken out`,
			lead: t`The host ended your part in this meeting. Camera and microphone are off.`,
		},
		banned: {
			title: t`You were shut out`,
			lead: t`The host ended your part in this meeting for good. Camera and microphone are off.`,
		},
		elsewhere: {
			title: t`You joined elsewhere`,
			lead: t`The meeting goes on in your other window. Camera and microphone are off here.`,
		},
		erased: {
			title: t`You left, and are being erased`,
			lead: t`Your key is destroyed: your name and what you wrote can be read no more.`,
		},
	};
	const { title, lead } = words[ending];
	const isAccount = door?.you.kind === "account";
	return (
		<DoorPage width="wizard">
			<title>{`${title} · Kloud`}</title>
			<PageHead above={door?.title} title={title} lead={lead} begins />
			<Stack gap={5}>
				{ending === "ended" ? (
					recap
				) : door && (ending === "left" || ending === "removed") ? (
					<Kept door={door} />
				) : null}
				<Row gap={3} wrap>
					{ending === "left" ? (
						<Button look="primary" onPress={() => location.reload()}>{t`Come back`}</Button>
					) : null}
					{isAccount ? (
						<>
							<a className={buttonClass()} href={`/meetings/${code}`}>{t`The meeting's page`}</a>
							<a className={buttonClass({ look: "ghost" })} href="/">{t`Home`}</a>
						</>
					) : (
						<a
							className={buttonClass({ look: ending === "left" ? "plain" : "primary" })}
							href="/"
						>{t`Done`}</a>
					)}
				</Row>
			</Stack>
		</DoorPage>
	);
}

function Kept({ door }: { door: Door }) {
	const { t } = useLingui();
	const words = usePolicyWords();
	const isGuest = door.you.kind !== "account";
	return (
		<Card>
			<CardHead title={t`What was kept`} />
			<Lines label={t`What was kept`}>
				<Line icon={<MessageCircle aria-hidden />} title={t`Chat`} detail={words.chat(door.policy)} />
				<Line icon={<CircleDot aria-hidden />} title={t`Recording`} detail={t`None`} />
				<Line icon={<Users aria-hidden />} title={t`Attendance`} detail={words.attendance(door.policy)} />
				{isGuest ? (
					<Line icon={<UserRound aria-hidden />} title={t`Your name`} detail={words.guest(door.policy)} />
				) : null}
			</Lines>
		</Card>
	);
}
