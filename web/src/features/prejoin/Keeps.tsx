import { useLingui } from "@lingui/react/macro";
import { CircleDot, MessageCircle, Server, ShieldCheck, UserRound, Users } from "lucide-react";
import type { ReactNode } from "react";
import type { Policy } from "@/api/types";
import styles from "@/features/prejoin/prejoin.module.css";
import { usePolicyWords } from "@/lib/policy-words";
import { Chip } from "@/ui/Chip";
import { Card, Text } from "@/ui/Layout";
import { Note } from "@/ui/Note";

/** `elsewhere` is the host that sound and picture go by, if it is not this server. */
export function Keeps({ policy, elsewhere }: { policy: Policy; elsewhere: string | null }) {
	const { t } = useLingui();
	const words = usePolicyWords();
	const way = elsewhere
		? t`Sound and picture go by the media server ${elsewhere}, with your name beside them. It opens and shuts what you send when this server tells it to; this server does not see each packet itself.`
		: null;
	return (
		<Card pad label={t`What this meeting keeps`}>
			<div className={styles.keepsHead}>
				<h2>{t`What this meeting keeps`}</h2>
				<Chip tone="good">
					<ShieldCheck aria-hidden />
					{words.isLittle(policy) ? t`Little` : t`Not recorded`}
				</Chip>
			</div>
			<p className={styles.short}>{words.short(policy)}</p>
			{way ? <p className={styles.short}>{way}</p> : null}
			<Keep icon={<MessageCircle aria-hidden />} title={t`Chat`} detail={words.chat(policy)} />
			<Keep icon={<CircleDot aria-hidden />} title={t`Recording`} detail={words.recording()} />
			<Keep icon={<Users aria-hidden />} title={t`Attendance`} detail={words.attendance(policy)} />
			<Keep icon={<UserRound aria-hidden />} title={t`Guests`} detail={words.guest(policy)} />
			{way ? <Keep icon={<Server aria-hidden />} title={t`Sound and picture`} detail={way} /> : null}
		</Card>
	);
}

/** What is other than on the card that was shown before; the press that comes next is for this one. */
export function KeepsNews({ before, now }: { before: Policy; now: Policy }) {
	const { t } = useLingui();
	const words = usePolicyWords();
	const all = [
		{ title: t`Chat`, say: words.chat },
		{ title: t`Attendance`, say: words.attendance },
		{ title: t`Guests`, say: words.guest },
	];
	return (
		<Note tone="warn">
			{t`What this meeting keeps has changed since you looked. Look again, then press once more.`}
			<ul>
				{all
					.filter(({ say }) => say(before) !== say(now))
					.map(({ title, say }) => {
						const [then, today] = [say(before), say(now)];
						return <li key={title}>{t`${title}: ${today}. Before: ${then}.`}</li>;
					})}
			</ul>
		</Note>
	);
}

function Keep({ icon, title, detail }: { icon: ReactNode; title: string; detail: string }) {
	return (
		<div className={styles.keep}>
			{icon}
			<div>
				<Text weight="medium" as="div">
					{title}
				</Text>
				<Text size={13} tone="quiet" as="div">
					{detail}
				</Text>
			</div>
		</div>
	);
}
