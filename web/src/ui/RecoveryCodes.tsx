import { useLingui } from "@lingui/react/macro";
import { Copy, Download, Printer } from "lucide-react";
import { downloadText } from "@/lib/download";
import { Button } from "@/ui/Button";
import { Row, Stack } from "@/ui/Layout";
import { Note } from "@/ui/Note";
import styles from "@/ui/RecoveryCodes.module.css";
import { useCopy } from "@/ui/use-copy";

/** Ten codes that are shown once, and the ways to keep them. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
	const { t } = useLingui();
	const copy = useCopy();
	return (
		<Stack gap={5}>
			<ol className={styles.codes} aria-label={t`Recovery codes`}>
				{codes.map((code) => (
					<li key={code}>{code}</li>
				))}
			</ol>
			<div className={styles.unprinted}>
				<Stack gap={5}>
					<Row gap={2} wrap>
						<Button onPress={() => copy(codes.join("\n"), t`Copied. Paste them where only you look.`)}>
							<Copy aria-hidden />
							{t`Copy`}
						</Button>
						<Button onPress={() => downloadText("kloud-recovery-codes.txt", `${codes.join("\n")}\n`)}>
							<Download aria-hidden />
							{t`Download`}
						</Button>
						<Button onPress={() => print()}>
							<Printer aria-hidden />
							{t`Print`}
						</Button>
					</Row>
					<Note tone="warn" quiet>
						{t`They are shown once. Without your password and these codes nobody can let you in again, the operator neither.`}
					</Note>
					<Button look="primary" size="large" wide onPress={onKept}>
						{t`I kept them`}
					</Button>
				</Stack>
			</div>
		</Stack>
	);
}
