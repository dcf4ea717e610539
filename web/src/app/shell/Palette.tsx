import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useState } from "react";
import { Autocomplete, useFilter } from "react-aria-components/Autocomplete";
import { Dialog } from "react-aria-components/Dialog";
import { Input } from "react-aria-components/Input";
import { Menu, MenuItem } from "react-aria-components/Menu";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { SearchField } from "react-aria-components/SearchField";
import { meetingsQuery } from "@/api/queries";
import { useCommands } from "@/app/shell/commands";
import { openSheet } from "@/app/shell/keys";
import styles from "@/app/shell/Palette.module.css";

/** Everything one can do or go to, found by typing. */
export function Palette() {
	const { t } = useLingui();
	const { contains } = useFilter({ sensitivity: "base" });
	const { data } = useQuery(meetingsQuery());
	const [typed, setTyped] = useState("");
	const commands = useCommands(data?.meetings ?? [], typed);
	return (
		<ModalOverlay isOpen isDismissable onOpenChange={() => openSheet(null)} className={styles.veil ?? ""}>
			<Modal className={styles.modal ?? ""}>
				<Dialog aria-label={t`Search`}>
					<Autocomplete filter={contains} inputValue={typed} onInputChange={setTyped}>
						<SearchField aria-label={t`Go to or do`} autoFocus className={styles.search ?? ""}>
							<Search aria-hidden />
							<Input placeholder={t`Go to or do`} />
						</SearchField>
						<Menu
							aria-label={t`Found`}
							className={styles.list ?? ""}
							items={commands}
							renderEmptyState={() => <div className={styles.empty}>{t`Nothing with these words.`}</div>}
						>
							{({ id, name, words, icon: Icon, run }) => (
								<MenuItem
									id={id}
									textValue={words ?? name}
									className={styles.item ?? ""}
									onAction={() => {
										openSheet(null);
										run();
									}}
								>
									<Icon aria-hidden />
									<span>{name}</span>
								</MenuItem>
							)}
						</Menu>
					</Autocomplete>
				</Dialog>
			</Modal>
		</ModalOverlay>
	);
}
