import { useLingui } from "@lingui/react/macro";
import type { DataValue } from "@/api/types";
import { useFormat } from "@/lib/format";
import { languageNames } from "@/lib/i18n";

/** A name that no word is known for is shown in its own letters, which is better than hiding the value. */
function plain(code: string): string {
	const last = code.split(".").at(-1) ?? code;
	return last.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
}

export function useDataWords() {
	const { t } = useLingui();
	const format = useFormat();
	const categories: Record<string, string> = {
		identity: t`Identity`,
		contact: t`Contact`,
		credential: t`Signing in`,
		authored: t`Written by you`,
		pseudonym: t`Your names in meetings`,
		behaviour: t`Use`,
		employer: t`From your employer`,
		file: t`Files`,
		media: t`Voice and picture`,
		location: t`Location`,
		minor: t`Protection of minors`,
		financial: t`Payment`,
	};
	const labels: Record<string, string> = {
		"account.nickname": t`Nickname`,
		"account.real_name": t`Real name`,
		"account.identifier": t`E-mail or user name`,
		"account.age_band": t`Age`,
		"account.language": t`Language`,
		"account.theme": t`Appearance`,
		"account.password": t`Password, as a check value`,
		"account.recovery_codes": t`Recovery codes, as check values`,
		"session.label": t`A device of yours`,
		"session.place": t`Network of a device`,
		"participant.name": t`Name in a meeting`,
		"guest.name": t`Name in this meeting`,
		"message.body": t`A message`,
		"meeting.title": t`A meeting's title`,
		"member.name": t`Name among people`,
	};
	const purposes: Record<string, string> = {
		SignIn: t`To sign you in`,
		ShowOwn: t`For you alone`,
		ShowToAudience: t`Shown to people you meet`,
		Invite: t`To invite`,
		Notify: t`To notify you`,
		Search: t`So that you can search`,
		Preview: t`For previews`,
		Record: t`For recordings`,
		Caption: t`For captions`,
		Protect: t`To protect accounts`,
		Improve: t`To improve Kloud`,
		Personalise: t`To suit you`,
		EmployerRecord: t`For your employer`,
		Support: t`When you ask for help`,
		AnswerRequest: t`To answer your requests`,
		Guard: t`To protect minors`,
		Disclose: t`For whom you named`,
		LegalDemand: t`If the law demands it`,
		ShareLocation: t`To share where you are`,
		ImportContacts: t`To find people you know`,
	};
	const spoken: Record<string, Record<string, string>> = {
		"account.age_band": { adult: t`18 or older`, minor: t`Younger` },
		"account.theme": { system: t`System`, light: t`Light`, dark: t`Dark` },
		"account.language": languageNames,
	};
	const retentions: Record<string, string> = {
		account_life: t`While you use Kloud`,
		session_life: t`While the device is signed in`,
		meeting_chat: t`As long as the meeting keeps its chat`,
		meeting_life: t`As long as the meeting is kept`,
		guest_key: t`Until some days after the meeting`,
		consent_record: t`As proof of your answer`,
	};
	const sources = {
		user: t`You gave it`,
		employer: t`Your employer gave it`,
		third_party: t`Someone else gave it`,
		observed: t`Noted while you use Kloud`,
	};
	// What everybody may expect is not repeated in each row.
	const selfEvident = new Set(["ShowOwn", "AnswerRequest", "LegalDemand", "Support"]);
	return {
		category: (code: string) => categories[code] ?? plain(code),
		label: (code: string) => labels[code] ?? plain(code),
		purpose: (code: string) => purposes[code] ?? plain(code),
		why: ({ purposes: all }: DataValue) => {
			const telling = all.filter((code) => !selfEvident.has(code));
			const shown = telling.length > 0 ? telling : all.slice(0, 1);
			return shown
				.slice(0, 2)
				.map((code) => purposes[code] ?? plain(code))
				.join(" · ");
		},
		until: ({ until, retention }: DataValue) =>
			until ? t`Until ${format.day(until)}` : (retentions[retention] ?? plain(retention)),
		source: ({ source }: DataValue) => sources[source],
		value: ({ label, value, value_state }: DataValue) => {
			if (value_state === "hidden") return t`Hidden, even from this page`;
			if (value_state === "erased") return t`Erased`;
			if (value_state === "broken") return t`Cannot be opened`;
			return value === null ? null : (spoken[label]?.[value] ?? value);
		},
	};
}
