import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import {
	CalendarPlus,
	Database,
	FileCheck,
	House,
	Info,
	Keyboard,
	Languages,
	LifeBuoy,
	LogIn,
	type LucideIcon,
	MonitorSmartphone,
	Moon,
	Sun,
	ToggleLeft,
	User,
	Video,
} from "lucide-react";
import { api } from "@/api/client";
import { usePreferences } from "@/api/preferences";
import type { Meeting } from "@/api/types";
import { openSheet } from "@/app/shell/keys";
import { currentLanguage, languageNames } from "@/lib/i18n";
import { parseMeetingCode } from "@/lib/meeting-code";

export type Command = {
	id: string;
	name: string;
	icon: LucideIcon;
	run: () => void;
	/** Found by these instead of its name. */
	words?: string;
};

const enter = (code: string) => location.assign(`/m/${code}`);

/** `typed` is what stands in the palette: a code or a link of a meeting there leads to its door. */
export function useCommands(meetings: readonly Meeting[], typed: string): Command[] {
	const { t } = useLingui();
	const start = api.useMutation("post", "/api/meetings", { onSuccess: ({ code }) => enter(code) });
	const navigate = useNavigate();
	const preferences = usePreferences();
	const other = currentLanguage() === "en" ? "zh-CN" : "en";
	const page = (to: string, name: string, icon: LucideIcon): Command => ({
		id: to,
		name,
		icon,
		run: () => void navigate({ to }),
	});
	const code = parseMeetingCode(typed, location.origin);
	const join: Command[] = code
		? [{ id: "join", name: t`Join ${code}`, words: typed, icon: LogIn, run: () => enter(code) }]
		: [];
	return [
		...join,
		{
			id: "new",
			name: t`New meeting`,
			icon: Video,
			run: () => start.mutate({ body: { title: null, admission: "link" } }),
		},
		{ id: "schedule", name: t`Plan a meeting`, icon: CalendarPlus, run: () => openSheet("schedule") },
		{
			id: "join-field",
			name: t`Join with a code or link`,
			icon: LogIn,
			run: () => void navigate({ to: "/", hash: "join" }),
		},
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
