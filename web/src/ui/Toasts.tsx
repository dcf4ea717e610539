import { useLingui } from "@lingui/react/macro";
import { Button } from "react-aria-components/Button";
import { useStore } from "@/lib/use-store";
import styles from "@/ui/Toasts.module.css";
import { dismissToast, toasts } from "@/ui/toasts";

export function Toasts() {
	const { t } = useLingui();
	const shown = useStore(toasts);
	return (
		<div className={styles.region} role="status">
			{shown.map(({ id, text, undo }) => (
				<div className={styles.toast} key={id}>
					<span className={styles.text}>{text}</span>
					{undo ? (
						<Button
							className={styles.action ?? ""}
							onPress={() => {
								undo();
								dismissToast(id);
							}}
						>
							{t`Undo`}
						</Button>
					) : null}
				</div>
			))}
		</div>
	);
}
