import { useLingui } from "@lingui/react/macro";
import { keyNames, openSheet } from "@/app/shell/keys";
import styles from "@/app/shell/Palette.module.css";
import { Key } from "@/ui/Chip";
import { Dialog } from "@/ui/Dialog";
import { Row } from "@/ui/Layout";

export function Shortcuts() {
	const { t } = useLingui();
	const keys: [string, string[]][] = [
		[t`Search and commands`, [keyNames.command.trim(), "K"]],
		[t`These shortcuts`, ["?"]],
		[t`Go home`, ["G", "H"]],
		[t`Go to meetings`, ["G", "M"]],
		[t`Go to your own pages`, ["G", "P"]],
		[t`In a meeting: microphone`, ["M"]],
		[t`In a meeting: camera`, ["V"]],
		[t`In a meeting: chat`, ["C"]],
		[t`In a meeting: people`, ["P"]],
		[t`Close what is open`, ["Esc"]],
	];
	return (
		<Dialog title={t`Keyboard shortcuts`} isOpen onClose={() => openSheet(null)} width="wide">
			<dl className={styles.keys}>
				{keys.map(([name, parts]) => (
					<div className={styles.key} key={name}>
						<dt>{name}</dt>
						<dd>
							<Row gap={1}>
								{parts.map((part) => (
									<Key key={part}>{part}</Key>
								))}
							</Row>
						</dd>
					</div>
				))}
			</dl>
		</Dialog>
	);
}
