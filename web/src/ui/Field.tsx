import { useLingui } from "@lingui/react/macro";
import { Eye, EyeOff } from "lucide-react";
import { type ReactNode, useState } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input, type InputProps } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text as AriaText } from "react-aria-components/Text";
import { TextField, type TextFieldProps } from "react-aria-components/TextField";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import styles from "@/ui/Field.module.css";

type Props = Omit<TextFieldProps, "className" | "children"> & {
	label: string;
	/** The label is drawn elsewhere, or the place says it. */
	labelHidden?: boolean;
	hint?: ReactNode;
	error?: string | null;
	start?: ReactNode;
	end?: ReactNode;
	large?: boolean;
	optional?: boolean;
	placeholder?: string;
	/** Nothing is written large by itself, as in a user name. */
	isPlain?: boolean;
	enterKeyHint?: InputProps["enterKeyHint"];
};

export function Field(props: Props) {
	const {
		label,
		labelHidden,
		hint,
		error,
		start,
		end,
		large,
		optional,
		placeholder,
		isPlain,
		enterKeyHint,
		...rest
	} = props;
	const { t } = useLingui();
	return (
		<TextField
			{...rest}
			spellCheck={isPlain ? "false" : undefined}
			className={styles.field}
			aria-label={labelHidden ? label : undefined}
			isInvalid={error ? true : undefined}
			validationBehavior={rest.validationBehavior ?? (error ? "aria" : "native")}
		>
			{labelHidden ? null : (
				<Label className={styles.label}>
					{label} {optional ? <span className={styles.optional}>{t`optional`}</span> : null}
				</Label>
			)}
			<div className={classes(styles.box, large && styles.large)} data-invalid={error ? true : undefined}>
				{start}
				<Input
					className={styles.input}
					placeholder={placeholder}
					enterKeyHint={enterKeyHint}
					autoCapitalize={isPlain ? "none" : undefined}
				/>
				{end ? <div className={styles.end}>{end}</div> : null}
			</div>
			{hint && !error ? (
				<AriaText slot="description" className={styles.hint}>
					{hint}
				</AriaText>
			) : null}
			{error ? (
				<AriaText slot="errorMessage" className={styles.error}>
					{error}
				</AriaText>
			) : (
				<FieldError className={styles.error} />
			)}
		</TextField>
	);
}

/** A password that its owner may look at. */
export function PasswordField(props: Omit<Props, "type" | "end">) {
	const { t } = useLingui();
	const [shown, setShown] = useState(false);
	return (
		<Field
			{...props}
			type={shown ? "text" : "password"}
			end={
				<IconButton
					size="small"
					label={shown ? t`Hide password` : t`Show password`}
					onPress={() => setShown(!shown)}
				>
					{shown ? <EyeOff /> : <Eye />}
				</IconButton>
			}
		/>
	);
}
