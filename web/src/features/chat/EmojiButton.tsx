import { useLingui } from "@lingui/react/macro";
import { Search, SmilePlus } from "lucide-react";
import { useState } from "react";
import { Autocomplete, useFilter } from "react-aria-components/Autocomplete";
import { DialogTrigger } from "react-aria-components/Dialog";
import { Input } from "react-aria-components/Input";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { SearchField } from "react-aria-components/SearchField";
import styles from "@/features/chat/chat.module.css";
import { emoji } from "@/features/chat/emoji";
import { currentLanguage } from "@/lib/i18n";
import { IconButton } from "@/ui/Button";
import { PopDialog } from "@/ui/PopDialog";

/** Emoji by looking or by a word, in either language. */
export function EmojiButton({ onPick }: { onPick: (emoji: string) => void }) {
	const { t } = useLingui();
	const { contains } = useFilter({ sensitivity: "base" });
	const [isOpen, setOpen] = useState(false);
	const isChinese = currentLanguage() === "zh-CN";
	return (
		<DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
			<IconButton size="small" label={t`Emoji`}>
				<SmilePlus />
			</IconButton>
			<PopDialog label={t`Emoji`} placement="top end">
				<div className={styles.picker}>
					<Autocomplete filter={contains}>
						<SearchField aria-label={t`Look for an emoji`} autoFocus className={styles.search ?? ""}>
							<Search aria-hidden />
							<Input placeholder={t`Look for an emoji`} />
						</SearchField>
						<ListBox
							aria-label={t`Emoji`}
							className={styles.emoji ?? ""}
							layout="grid"
							items={emoji}
							onAction={(key) => {
								setOpen(false);
								onPick(String(key));
							}}
							renderEmptyState={() => <p className={styles.keeps}>{t`Nothing with these words.`}</p>}
						>
							{({ id, en, zh }) => (
								<ListBoxItem
									id={id}
									textValue={`${en} ${zh}`}
									aria-label={isChinese ? zh.split(" ")[0] : en}
									className={styles.oneEmoji ?? ""}
								>
									{id}
								</ListBoxItem>
							)}
						</ListBox>
					</Autocomplete>
				</div>
			</PopDialog>
		</DialogTrigger>
	);
}
