import { useLingui } from "@lingui/react/macro";
import { Check, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import {
	Menu as AriaMenu,
	MenuItem as AriaMenuItem,
	MenuSection as AriaMenuSection,
	MenuTrigger,
	SubmenuTrigger,
} from "react-aria-components/Menu";
import { Popover, type PopoverProps } from "react-aria-components/Popover";
import { classes } from "@/ui/classes";
import styles from "@/ui/Overlay.module.css";

type MenuProps = {
	label: string;
	trigger: ReactNode;
	children: ReactNode;
	placement?: PopoverProps["placement"];
};

export function Menu({ label, trigger, children, placement = "bottom end" }: MenuProps) {
	return (
		<MenuTrigger>
			{trigger}
			<Popover className={styles.popover ?? ""} placement={placement}>
				<AriaMenu aria-label={label} className={styles.menu ?? ""}>
					{children}
				</AriaMenu>
			</Popover>
		</MenuTrigger>
	);
}

/** Items that belong together, with a line above them. */
export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
	return (
		<AriaMenuSection className={styles.group ?? ""} aria-label={label}>
			{children}
		</AriaMenuSection>
	);
}

/** An item that opens a menu of its own beside it. */
export function SubMenu({ label, icon, children }: { label: string; icon?: ReactNode; children: ReactNode }) {
	return (
		<SubmenuTrigger>
			<AriaMenuItem textValue={label} className={styles.item}>
				{icon}
				<span className={styles.itemText}>{label}</span>
				<ChevronRight aria-hidden />
			</AriaMenuItem>
			<Popover className={styles.popover ?? ""}>
				<AriaMenu aria-label={label} className={styles.menu ?? ""}>
					{children}
				</AriaMenu>
			</Popover>
		</SubmenuTrigger>
	);
}

type ItemProps = {
	children: string;
	icon?: ReactNode;
	bad?: boolean;
	/** The one that holds now, of several. */
	isChosen?: boolean;
	onAction?: () => void;
	href?: string;
};

export function MenuItem({ children, icon, bad, isChosen, onAction, href }: ItemProps) {
	const { t } = useLingui();
	return (
		<AriaMenuItem
			onAction={onAction}
			href={href}
			textValue={children}
			className={classes(styles.item, bad && styles.bad)}
		>
			{icon}
			<span className={styles.itemText}>{children}</span>
			{isChosen ? <Check role="img" aria-label={t`chosen`} /> : null}
		</AriaMenuItem>
	);
}
