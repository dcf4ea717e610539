import type { ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Popover, type PopoverProps } from "react-aria-components/Popover";
import styles from "@/ui/Overlay.module.css";

type Props = { label: string; children: ReactNode; placement?: PopoverProps["placement"] };

/** A small form that hangs on its button. */
export function PopDialog({ label, children, placement = "bottom start" }: Props) {
	return (
		<Popover className={styles.popover ?? ""} placement={placement}>
			<Dialog aria-label={label} className={styles.pop}>
				{children}
			</Dialog>
		</Popover>
	);
}
