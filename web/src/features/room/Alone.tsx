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

/** The room of one: says how the others come. */
export function Alone({ code }: { code: string }) {
	const { t } = useLingui();
	const copy = useCopyLink(code);
	return (
		<div className={styles.alone}>
			<p>{t`You are the first. Give the link to whom you want to meet; they need no account.`}</p>
			<Button onPress={copy}>
				<Copy aria-hidden />
				{t`Copy link`}
			</Button>
		</div>
	);
}
