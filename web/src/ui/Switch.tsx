import { Switch as AriaSwitch, type SwitchProps } from "react-aria-components/Switch";
import styles from "@/ui/Switch.module.css";

type Props = Omit<SwitchProps, "className" | "children" | "style"> & { label: string; describedBy?: string };

/** Its name stands beside it in the row, and is said with it. */
export function Switch({ label, describedBy, ...rest }: Props) {
	return (
		<AriaSwitch {...rest} aria-label={label} aria-describedby={describedBy} className={styles.switch}>
			<span className={styles.track} />
		</AriaSwitch>
	);
}
