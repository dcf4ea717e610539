import { Label } from "react-aria-components/Label";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import styles from "@/ui/Choice.module.css";
import { classes } from "@/ui/classes";

type Option<K extends string> = { id: K; name: string; detail?: string };
type Props<K extends string> = {
	label: string;
	options: readonly Option<K>[];
	value: K | null;
	onChange: (value: K) => void;
	sideways?: boolean;
};

/** One of a few, all visible, each saying what it does. */
export function Choice<K extends string>({ label, options, value, onChange, sideways }: Props<K>) {
	return (
		<RadioGroup
			className={styles.group}
			value={value}
			onChange={(next) => {
				const option = options.find(({ id }) => id === next);
				if (option) onChange(option.id);
			}}
		>
			<Label className={styles.label}>{label}</Label>
			<div className={classes(styles.options, sideways && styles.sideways)}>
				{options.map(({ id, name, detail }) => (
					<Radio key={id} value={id} className={styles.option ?? ""}>
						<span className={styles.dot} aria-hidden />
						<span>
							<span className={styles.name}>{name}</span>
							{detail ? <div className={styles.detail}>{detail}</div> : null}
						</span>
					</Radio>
				))}
			</div>
		</RadioGroup>
	);
}
