import { useLingui } from "@lingui/react/macro";
import type { DataValue } from "@/api/types";
import { useFormat } from "@/lib/format";
import { languageNames } from "@/lib/i18n";

const isoMoment = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const permitBits = { camera: 1, microphone: 2, screen: 4 };
const rightBits = { microphone: 1, camera: 2, screen: 4 };

/** A record that was kept whole, a line for each of its parts. */
function lines(record: string): string {
	const parts: Record<string, unknown> = JSON.parse(record);
	return Object.entries(parts)
		.map(([name, part]) => `${name}: ${typeof part === "string" ? part : JSON.stringify(part)}`)
		.join("\n");
}

/** Values as a person would say them. What has no word is shown as it is held, which is the truth too. */
export function useSpokenValue() {
	const { t } = useLingui();
	const format = useFormat();
	const yesNo: Record<string, string> = {
		true: t({ message: "Yes", context: "it is so" }),
		false: t({ message: "No", context: "it is so" }),
	};
	const devices: Record<string, string> = {
		camera: t`Camera`,
		microphone: t`Microphone`,
		screen: t`Screen`,
		location: t`Location`,
		address_book: t`Address book`,
		photo_album: t`Photos`,
		clipboard: t`Clipboard`,
		notifications: t`Notifications`,
		storage: t`Storage in this browser`,
	};
	const words: Record<string, Record<string, string>> = {
		"account.age_band": { adult: t`18 or older`, minor: t`Younger` },
		"account.theme": { system: t`System`, light: t`Light`, dark: t`Dark` },
		"account.language": languageNames,
		"account.is_operator": yesNo,
		"membership.role": {
			owner: t`Owner`,
			manager: t`Manager`,
			member: t`Member`,
			viewer: t`Viewer`,
			guest: t`Guest`,
		},
		"seat.status": {
			waiting: t`Waiting`,
			admitted: t`Inside`,
			denied: t`Not let in`,
			removed: t`Taken out`,
			banned: t`Taken out for good`,
			left: t`Left`,
		},
		"seat.role": {
			host: t`Host`,
			co_host: t`Co-host`,
			speaker: t`Speaker`,
			attendee: t`Attendee`,
			viewer: t`Viewer`,
		},
		"seat.taken_out": { true: t`Yes`, false: t`No` },
		"consent.purpose": Object.fromEntries(
			Object.entries(devices).map(([code, name]) => [`device.${code}`, name]),
		),
		"consent.answer": { yes: t`Yes`, no: t`No`, withdrawn: t`Withdrawn` },
		"permission.device": devices,
		"permission.state": { on: t`On`, off: t`Off`, suspended: t`Held back for now` },
		"permission.reach": { once: t`Once`, sitting: t`In a meeting`, standing: t`Until you turn it off` },
		"permission.changed_by": {
			person: t`You`,
			guardian: t`Your guardian`,
			host: t`The host`,
			admin: t`An administrator`,
			operator: t`The operator`,
			system: "Kloud",
		},
	};

	function spoken(bits: number, of: Record<string, number>): string {
		const on = Object.entries(of).filter(([, bit]) => bits & bit);
		return on.length > 0 ? format.list(on.map(([source]) => devices[source] ?? source)) : t`Nothing`;
	}

	return ({ label, value, value_state }: DataValue): string | null => {
		if (value_state === "hidden") return t`Hidden, even from this page`;
		if (value_state === "erased") return t`Erased`;
		if (value_state === "broken") return t`Cannot be opened`;
		if (value === null) return null;
		if (label === "seat.permits") return spoken(Number(value), permitBits);
		if (label === "seat.granted" || label === "seat.held") return spoken(Number(value), rightBits);
		if (label === "consent.record") return lines(value);
		if (isoMoment.test(value)) return format.exact(value);
		return words[label]?.[value] ?? value;
	};
}
