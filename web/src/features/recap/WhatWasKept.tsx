import { useLingui } from "@lingui/react/macro";
import { CircleDot, MessageCircle, ShieldCheck, UserRound, Users } from "lucide-react";
import type { ReactNode } from "react";
import type { Recap } from "@/api/types";
import styles from "@/features/recap/recap.module.css";
import { useFormat } from "@/lib/format";
import { usePolicyWords } from "@/lib/policy-words";
import { Chip } from "@/ui/Chip";
import { Card, CardHead, Line, Lines } from "@/ui/Layout";

/** What there is, until when, and for whose eyes; and the way out of it. */
export function WhatWasKept({ recap, children }: { recap: Recap; children: ReactNode }) {
	const { t } = useLingui();
	const format = useFormat();
	const words = usePolicyWords();
	const { policy, chat } = recap;
	return (
		<Card>
			<CardHead title={t`What was kept`}>
				<Chip tone="good">
					<ShieldCheck aria-hidden />
					{words.isLittle(policy) ? t`Little` : t`Not recorded`}
				</Chip>
			</CardHead>
			<Lines label={t`What was kept`}>
				<Line
					icon={<MessageCircle aria-hidden />}
					title={t`Chat`}
					detail={
						chat.kept_until
							? t`Until ${format.day(chat.kept_until)}, seen by people in this meeting`
							: words.chat(policy)
					}
				/>
				<Line icon={<Users aria-hidden />} title={t`Attendance`} detail={words.attendance(policy)} />
				<Line icon={<CircleDot aria-hidden />} title={t`Recording`} detail={t`None`} />
				<Line icon={<UserRound aria-hidden />} title={t`Guests`} detail={words.guest(policy)} />
			</Lines>
			{children ? <div className={styles.foot}>{children}</div> : null}
		</Card>
	);
}
