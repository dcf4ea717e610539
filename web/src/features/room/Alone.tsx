import { useLingui } from "@lingui/react/macro";
import { Copy } from "lucide-react";
import styles from "@/features/room/stage.module.css";
import { meetingLink } from "@/lib/meeting-code";
import { Button } from "@/ui/Button";
import { useCopy } from "@/ui/use-copy";

export function useCopyLink(code: string): () => void {
	const { t } = useLingui();
	const copy = useCopy();
	return () => copy(meetingLink(code, location.origin), t`Link copied`);
}

/** The room of one: says how the others come. It stands below the picture, which may be a lit one. */
export function Alone({ code }: { code: string }) {
	const { t } = useLingui();
	const copy = useCopyLink(code);
	return (
		<section className={styles.alone} aria-label={t`Invite others`}>
			<div className={styles.aloneText}>
				<b>{t`You are the only one here`}</b>
				<span>{t`Send the link to whom you want to meet; they need no account.`}</span>
				<code>{meetingLink(code, location.host)}</code>
			</div>
			<Button onPress={copy}>
				<Copy aria-hidden />
				{t`Copy link`}
			</Button>
		</section>
	);
}
