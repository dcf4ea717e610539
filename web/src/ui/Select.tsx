import { Check, ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Select as AriaSelect, SelectValue } from "react-aria-components/Select";
import styles from "@/ui/Overlay.module.css";

export type Option<K extends string> = { id: K; name: string };

type Props<K extends string> = {
	label: string;
	labelHidden?: boolean;
	options: readonly Option<K>[];
	value: K | null;
	onChange: (value: K) => void;
	icon?: ReactNode;
	placeholder?: string;
	isDisabled?: boolean;
};

export function Select<K extends string>(props: Props<K>) {
	const { label, labelHidden, options, value, onChange, icon, placeholder, isDisabled } = props;
	return (
		<AriaSelect
			className={styles.select}
			aria-label={labelHidden ? label : undefined}
			value={value}
			onChange={(next) => {
				const option = options.find(({ id }) => id === next);
				if (option) onChange(option.id);
			}}
			placeholder={placeholder}
			isDisabled={isDisabled}
		>
			{labelHidden ? null : <Label className={styles.label}>{label}</Label>}
			<Button className={styles.selectButton ?? ""}>
				{icon}
				<SelectValue className={styles.value} />
				<ChevronDown aria-hidden />
			</Button>
			<Popover className={styles.popover ?? ""}>
				<ListBox className={styles.menu} items={options}>
					{(option) => (
						<ListBoxItem id={option.id} textValue={option.name} className={styles.item}>
							{({ isSelected }) => (
								<>
									<span className={styles.itemText}>{option.name}</span>
									{isSelected ? <Check aria-hidden /> : null}
								</>
							)}
						</ListBoxItem>
					)}
				</ListBox>
			</Popover>
		</AriaSelect>
	);
}
