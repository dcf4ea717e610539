import { useLingui } from "@lingui/react/macro";
import {
	Bell,
	Clipboard,
	Contact,
	HardDrive,
	Image,
	type LucideIcon,
	MapPin,
	Mic,
	MonitorUp,
	Video,
} from "lucide-react";
import type { Permission, PermissionClass } from "@/api/types";

export const permissionIcons: Record<PermissionClass, LucideIcon> = {
	microphone: Mic,
	camera: Video,
	screen: MonitorUp,
	clipboard: Clipboard,
	location: MapPin,
	address_book: Contact,
	photo_album: Image,
	notifications: Bell,
	storage: HardDrive,
};

export function usePermissionWords() {
	const { t } = useLingui();
	const names: Record<PermissionClass, string> = {
		microphone: t`Microphone`,
		camera: t`Camera`,
		screen: t`Screen`,
		clipboard: t`Clipboard`,
		location: t`Location`,
		address_book: t`Address book`,
		photo_album: t`Photos`,
		notifications: t`Notifications`,
		storage: t`Storage in this browser`,
	};
	const effects: Record<PermissionClass, string> = {
		microphone: t`Heard only in meetings you are in. Each meeting still asks at the first press`,
		camera: t`Seen only in meetings you are in. Each meeting still asks at the first press`,
		screen: t`Your browser asks each time what you share`,
		clipboard: t`Reads a copied meeting link when you press Paste link. It is read in your browser and never sent`,
		location: t`Shares where you are in a chat, once, to the city`,
		address_book: t`Finds people you already know. Entries stay sealed under your key`,
		photo_album: t`You choose single pictures; Kloud never sees the album`,
		notifications: t`Tells you about a meeting while Kloud is closed`,
		storage: t`Keeps files for reading offline, in this browser alone`,
	};
	return {
		name: (which: PermissionClass) => names[which],
		effect: (which: PermissionClass) => effects[which],
		state: ({ state, span }: Permission) => {
			if (state === "suspended") return t`Held back for now`;
			if (state === "off") return t`Off`;
			return span === "sitting" ? t`On in a meeting` : t`On`;
		},
	};
}
