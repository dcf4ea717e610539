import { useLingui } from "@lingui/react/macro";
import { Copy, Ellipsis, Pencil, Trash2 } from "lucide-react";
import type { Message } from "@/api/types";
import styles from "@/features/chat/chat.module.css";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import { useCopy } from "@/ui/use-copy";

type Props = { message: Message; isHost: boolean; onEdit: () => void; onDelete: () => void };

/** What can be done with a message: one's own is edited and deleted, a host deletes any. */
export function MessageMenu({ message, isHost, onEdit, onDelete }: Props) {
	const { t } = useLingui();
	const copy = useCopy();
	const { body, is_you } = message;
	if (body.state !== "open") return null;
	return (
		<div className={styles.menu}>
			<Menu
				label={t`What to do with this message`}
				trigger={
					<IconButton size="small" label={t`More about this message`}>
						<Ellipsis />
					</IconButton>
				}
			>
				<MenuItem
					icon={<Copy aria-hidden />}
					onAction={() => copy(body.text, t`Copied`)}
				>{t`Copy text`}</MenuItem>
				{is_you ? (
					<MenuItem icon={<Pencil aria-hidden />} onAction={onEdit}>
						{t`Edit`}
					</MenuItem>
				) : null}
				{is_you || isHost ? (
					<MenuItem icon={<Trash2 aria-hidden />} bad onAction={onDelete}>
						{t`Delete`}
					</MenuItem>
				) : null}
			</Menu>
		</div>
	);
}
