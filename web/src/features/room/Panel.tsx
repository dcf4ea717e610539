import { useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import type { Person } from "@/api/types";
import type { Tile } from "@/call/tiles";
import type { PanelName } from "@/features/room/model";
import { PeoplePanel } from "@/features/room/PeoplePanel";
import styles from "@/features/room/room.module.css";
import { IconButton } from "@/ui/Button";
import { focusOnce } from "@/ui/Layout";

type Props = {
	name: PanelName;
	onName: (name: PanelName) => void;
	onClose: () => void;
	people: readonly Person[];
	tiles: readonly Tile[];
	chat: ReactNode;
};

export function Panel({ name, onName, onClose, people, tiles, chat }: Props) {
	const { t } = useLingui();
	const inside = people.filter(({ status }) => status === "admitted").length;
	const names = { chat: t`Chat`, people: t`People` };
	return (
		<aside
			className={styles.panel}
			aria-label={names[name]}
			tabIndex={-1}
			// The chat begins in its field by itself.
			ref={name === "people" ? focusOnce : undefined}
		>
			<div className={styles.tabs}>
				<button
					type="button"
					className={styles.tab}
					aria-pressed={name === "chat"}
					onClick={() => onName("chat")}
				>
					{names.chat}
				</button>
				<button
					type="button"
					className={styles.tab}
					aria-pressed={name === "people"}
					onClick={() => onName("people")}
				>
					{names.people} {inside || null}
				</button>
				<span className={styles.space} />
				<IconButton size="small" label={t`Close panel`} onPress={onClose}>
					<X />
				</IconButton>
			</div>
			{name === "chat" ? chat : <PeoplePanel people={people} tiles={tiles} />}
		</aside>
	);
}
