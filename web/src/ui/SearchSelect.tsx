import { useLingui } from "@lingui/react/macro";
import { Check, ChevronDown } from "lucide-react";
import { Button } from "react-aria-components/Button";
import { ComboBox } from "react-aria-components/ComboBox";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { classes } from "@/ui/classes";
import fields from "@/ui/Field.module.css";
import styles from "@/ui/Overlay.module.css";

export type Found = { id: string; name: string };

type Props = { label: string; options: readonly Found[]; value: string; onChange: (value: string) => void };

/** One of many, found by typing. */
export function SearchSelect({ label, options, value, onChange }: Props) {
	const { t } = useLingui();
	return (
		<ComboBox
			className={fields.field ?? ""}
			defaultItems={options}
			value={value}
			onChange={(key) => typeof key === "string" && onChange(key)}
			menuTrigger="focus"
		>
			<Label className={fields.label}>{label}</Label>
			<div className={fields.box}>
				<Input className={fields.input} onFocus={({ currentTarget }) => currentTarget.select()} />
				<Button className={styles.arrow ?? ""} aria-label={t`Show all`}>
					<ChevronDown aria-hidden />
				</Button>
			</div>
			<Popover className={classes(styles.popover, styles.asWide)}>
				<ListBox
					className={styles.menu ?? ""}
					renderEmptyState={() => <p className={styles.item}>{t`Nothing with these words.`}</p>}
				>
					{(option: Found) => (
						<ListBoxItem id={option.id} textValue={option.name} className={styles.item ?? ""}>
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
		</ComboBox>
	);
}
