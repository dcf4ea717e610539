import { useLingui } from "@lingui/react/macro";
import { Cloud } from "lucide-react";
import type { ReactNode } from "react";
import { chooseLanguage, currentLanguage, languageNames } from "@/lib/i18n";
import styles from "@/ui/Brand.module.css";
import { Button } from "@/ui/Button";

export function Brand() {
	return (
		<>
			<span className={styles.mark} aria-hidden>
				<Cloud />
			</span>
			Kloud
		</>
	);
}

/** The other language, named in itself. */
export function LanguageButton() {
	const other = currentLanguage() === "en" ? "zh-CN" : "en";
	return (
		<Button look="ghost" size="small" onPress={() => void chooseLanguage(other)}>
			<span lang={other}>{languageNames[other]}</span>
		</Button>
	);
}

type Props = { children: ReactNode; right?: ReactNode; width?: "form" | "wizard" | "free" };

/** A page outside of the shell: the mark, the language, and one thing to do. */
export function DoorPage({ children, right, width = "form" }: Props) {
	const { t } = useLingui();
	const inner = width === "free" ? undefined : width === "form" ? styles.column : styles.wizard;
	return (
		<div className={styles.page}>
			<header className={styles.header}>
				<a className={styles.brand} href="/" aria-label={t`Kloud, home`}>
					<Brand />
				</a>
				<div className={styles.right}>
					{right}
					<LanguageButton />
				</div>
			</header>
			<main className={styles.main} id="main">
				{inner ? <div className={inner}>{children}</div> : children}
			</main>
		</div>
	);
}

export const brandClass = styles.brand ?? "";
