import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import {
	Database,
	FileCheck,
	House,
	Info,
	Keyboard,
	Languages,
	LifeBuoy,
	type LucideIcon,
	MonitorSmartphone,
	Moon,
	Sun,
	ToggleLeft,
	User,
	Video,
} from "lucide-react";
import { usePreferences } from "@/api/preferences";
import type { Meeting } from "@/api/types";
import { openSheet } from "@/app/shell/keys";
import { currentLanguage, languageNames } from "@/lib/i18n";

export type Command = { id: string; name: string; icon: LucideIcon; run: () => void };

export function useCommands(meetings: readonly Meeting[]): Command[] {
	const { t } = useLingui();
	const navigate = useNavigate();
	const preferences = usePreferences();
	const other = currentLanguage() === "en" ? "zh-CN" : "en";
	const page = (to: string, name: string, icon: LucideIcon): Command => ({
		id: to,
		name,
		icon,
		run: () => void navigate({ to }),
	});
	return [
		page("/", t`Home`, House),
		page("/meetings", t`Meetings`, Video),
		...meetings.slice(0, 20).map(({ code, title }) => page(`/meetings/${code}`, title ?? code, Video)),
		page("/me/profile", t`Profile`, User),
		page("/me/permissions", t`Permissions`, ToggleLeft),
		page("/me/data", t`My data`, Database),
		page("/me/consents", t`Agreement and consents`, FileCheck),
		page("/me/security", t`Devices and security`, MonitorSmartphone),
		page("/me/contact", t`Contact us`, LifeBuoy),
		page("/me/about", t`About`, Info),
		{ id: "dark", name: t`Dark appearance`, icon: Moon, run: () => preferences.theme("dark") },
		{ id: "light", name: t`Light appearance`, icon: Sun, run: () => preferences.theme("light") },
		{ id: "language", name: languageNames[other], icon: Languages, run: () => preferences.language(other) },
		{ id: "keys", name: t`Keyboard shortcuts`, icon: Keyboard, run: () => openSheet("shortcuts") },
	];
}
