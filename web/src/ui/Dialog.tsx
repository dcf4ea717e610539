import { useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { catchFocus } from "@/lib/focus";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import styles from "@/ui/Overlay.module.css";

type Props = {
	title: string;
	isOpen: boolean;
	onClose: () => void;
	children: ReactNode;
	/** A question that must be answered cannot be dismissed by a press beside it. */
	alert?: boolean;
	width?: "form" | "wide" | "large";
	/** Who has the focus afterwards if the button that opened it is gone. */
	after?: string;
};

export function Dialog({ title, isOpen, onClose, children, alert, width = "form", after = "main" }: Props) {
	const { t } = useLingui();
	const [caught] = useState(() => catchFocus(after));
	return (
		<ModalOverlay
			isOpen={isOpen}
			onOpenChange={(open) => !open && onClose()}
			isDismissable={!alert}
			className={styles.veil ?? ""}
		>
			<Modal className={classes(styles.modal, width !== "form" && styles[width])}>
				<AriaDialog ref={caught} role={alert ? "alertdialog" : "dialog"} className={styles.dialog}>
					<div className={styles.head}>
						<Heading slot="title" level={2} className={styles.title}>
							{title}
						</Heading>
						{alert ? null : (
							<IconButton size="small" label={t`Close`} onPress={onClose}>
								<X />
							</IconButton>
						)}
					</div>
					{children}
				</AriaDialog>
			</Modal>
		</ModalOverlay>
	);
}

/** The possible answers, each as near and as large as the others. */
export function Answers({ children }: { children: ReactNode }) {
	return <div className={styles.answers}>{children}</div>;
}
