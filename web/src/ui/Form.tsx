import type { ReactNode } from "react";
import { Form as AriaForm } from "react-aria-components/Form";
import styles from "@/ui/Form.module.css";

/** A form that is sent by its own code: Enter works, and the browser checks what is required. */
export function Form({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
	return (
		<AriaForm
			className={styles.form}
			onSubmit={(event) => {
				event.preventDefault();
				onSubmit();
			}}
		>
			{children}
		</AriaForm>
	);
}

export function FormFoot({ children }: { children: ReactNode }) {
	return <div className={styles.foot}>{children}</div>;
}

/** The small print that is meant to be read. */
export function SmallPrint({ icon, children }: { icon?: ReactNode; children: ReactNode }) {
	return (
		<div className={styles.small}>
			{icon}
			<div>{children}</div>
		</div>
	);
}
