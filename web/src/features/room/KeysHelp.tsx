import { useLingui } from "@lingui/react/macro";
import { type RoomKey, roomKeys } from "@/features/room/keys";
import styles from "@/features/room/room.module.css";
import { Dialog } from "@/ui/Dialog";

type Shown = RoomKey | "space" | "arrows" | "escape";

export function KeysHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
	const { t } = useLingui();
	const words: Record<Shown, { key: string; does: string }> = {
		m: { key: "M", does: t`Microphone on or off` },
		space: { key: t`Space, held`, does: t`Speak for as long as it is held` },
		v: { key: "V", does: t`Camera on or off` },
		h: { key: "H", does: t`Raise or lower your hand` },
		s: { key: "S", does: t`Share the screen, or stop` },
		r: { key: "R", does: t`React` },
		c: { key: "C", does: t`Chat` },
		p: { key: "P", does: t`People` },
		l: { key: "L", does: t`Next layout` },
		arrows: { key: "← →", does: t`Turn the page of people` },
		f: { key: "F", does: t`Full screen` },
		escape: { key: "Esc", does: t`Close what is open` },
		"?": { key: "?", does: t`These keys` },
	};
	const order: Shown[] = ["m", "space", ...roomKeys.slice(1, -2), "arrows", "f", "escape", "?"];
	return (
		<Dialog title={t`Keys in the room`} isOpen={isOpen} onClose={onClose}>
			<dl className={styles.keys}>
				{order.map((each) => (
					<div key={each}>
						<dt>
							<kbd>{words[each].key}</kbd>
						</dt>
						<dd>{words[each].does}</dd>
					</div>
				))}
			</dl>
		</Dialog>
	);
}
