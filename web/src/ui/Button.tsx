import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps } from "react-aria-components/Button";
import styles from "@/ui/Button.module.css";
import { classes } from "@/ui/classes";

export type ButtonLook = {
	look?: "plain" | "primary" | "ghost" | "bad" | "badFill" | "pill";
	size?: "small" | "medium" | "large";
	wide?: boolean;
};

/** The look of a button, for a link that leads somewhere. */
export function buttonClass({ look = "plain", size = "medium", wide = false }: ButtonLook = {}): string {
	return classes(
		styles.button,
		look !== "plain" && styles[look],
		size !== "medium" && styles[size],
		wide && styles.wide,
	);
}

type Props = ButtonLook & Omit<ButtonProps, "className" | "children" | "style"> & { children: ReactNode };

/** While it works it keeps the focus and its words, and does nothing when pressed again. */
export function Button({ look, size, wide, children, isPending, onPress, type, ...rest }: Props) {
	return (
		<AriaButton
			{...rest}
			type={isPending ? "button" : type}
			onPress={isPending ? undefined : onPress}
			className={buttonClass({ look, size, wide })}
			data-pending={isPending || undefined}
		>
			{isPending ? <span className={styles.spinner} aria-hidden /> : null}
			{children}
		</AriaButton>
	);
}

type IconProps = ButtonLook &
	Omit<ButtonProps, "className" | "children" | "style"> & {
		label: string;
		children: ReactNode;
	};

/** A button that shows only a picture; its name is said to those who cannot see it and shown on hover. */
export function IconButton({ look = "ghost", size, label, children, ...rest }: IconProps) {
	return (
		<AriaButton
			{...rest}
			aria-label={label}
			render={(props) => <button {...props} title={label} />}
			className={classes(buttonClass({ look, size }), styles.icon)}
		>
			{children}
		</AriaButton>
	);
}

/** Looks like a link, does something here. */
export function TextButton({
	children,
	...rest
}: Omit<ButtonProps, "className" | "children"> & { children: ReactNode }) {
	return (
		<AriaButton {...rest} className={styles.link}>
			{children}
		</AriaButton>
	);
}
