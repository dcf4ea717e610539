import type { ReactNode } from "react";
import { Menu as AriaMenu, MenuItem as AriaMenuItem, MenuTrigger } from "react-aria-components/Menu";
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

type ItemProps = { children: string; icon?: ReactNode; bad?: boolean; onAction?: () => void; href?: string };

export function MenuItem({ children, icon, bad, onAction, href }: ItemProps) {
	return (
		<AriaMenuItem
			onAction={onAction}
			href={href}
			textValue={children}
			className={classes(styles.item, bad && styles.bad)}
		>
			{icon}
			<span className={styles.itemText}>{children}</span>
		</AriaMenuItem>
	);
}
