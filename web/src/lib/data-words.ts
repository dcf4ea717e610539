import { useLingui } from "@lingui/react/macro";
import type { DataValue } from "@/api/types";
import { languageNames } from "@/lib/i18n";

/** A name that no word is known for is shown in its own letters, which is better than hiding the value. */
function plain(code: string): string {
	const last = code.split(".").at(-1) ?? code;
	return last.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
}

export function useDataWords() {
	const { t } = useLingui();
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
		"account.id": t`Your number inside Kloud`,
		"account.is_operator": t`Runs this Kloud`,
		"account.created_at": t`Account made`,
		"account.credentials_changed_at": t`Password last changed`,
		"recovery_code.hash": t`A recovery code, as a check value`,
		"recovery_code.subject": t`Whose recovery code it is`,
		"session.subject": t`Whose sign-in it is`,
		"session.device": t`A device of yours`,
		"session.place": t`Network of a device`,
		"session.created_at": t`Signed in`,
		"session.last_used_at": t`Last used`,
		"session.reauthenticated_at": t`Password last shown`,
		"membership.member": t`Your stand-in among people`,
		"membership.role": t`What you are among people`,
		"membership.since": t`There since`,
		"membership.until": t`There until`,
		"meeting.host": t`Your stand-in as host`,
		"seat.member": t`Your stand-in in a meeting`,
		"seat.name": t`Name in a meeting`,
		"seat.status": t`Inside, waiting or left`,
		"seat.permits": t`What was on`,
		"seat.knocked_at": t`Came to the door`,
		"seat.admitted_at": t`Came in`,
		"seat.left_at": t`Left`,
		"message.member": t`Your stand-in as writer`,
		"message.sent_at": t`When it was sent`,
		"consent.record": t`An answer, whole`,
		"consent.purpose": t`What an answer is about`,
		"consent.answer": t`Your answer`,
		"consent.given_at": t`When you answered`,
		"consent.scope": t`Where an answer holds`,
		"consent.until": t`Until when an answer holds`,
		"permission.state": t`A device permission`,
		"message.body": t`A message`,
		"meeting.title": t`A meeting's title`,
		"member.name": t`Name among people`,
	};
	const purposes: Record<string, string> = {
		sign_in: t`To sign you in`,
		show_own: t`For you alone`,
		show_to_audience: t`Shown to people you meet`,
		invite: t`To invite`,
		notify: t`To notify you`,
		search: t`So that you can search`,
		preview: t`For previews`,
		record: t`For recordings`,
		caption: t`For captions`,
		protect: t`To protect accounts`,
		improve: t`To improve Kloud`,
		personalise: t`To suit you`,
		employer_record: t`For your employer`,
		support: t`When you ask for help`,
		answer_request: t`To answer your requests`,
		guard: t`To protect minors`,
		disclose: t`For whom you named`,
		legal_demand: t`If the law demands it`,
		share_location: t`To share where you are`,
		import_contacts: t`To find people you know`,
	};
	const spoken: Record<string, Record<string, string>> = {
		"account.age_band": { adult: t`18 or older`, minor: t`Younger` },
		"account.theme": { system: t`System`, light: t`Light`, dark: t`Dark` },
		"account.language": languageNames,
	};
	const retentions: Record<string, string> = {
		account_life: t`While you use Kloud`,
		object_life: t`As long as what it belongs to`,
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
	const selfEvident = new Set(["show_own", "answer_request", "legal_demand", "support"]);
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
		until: ({ retention, retention_days }: DataValue) =>
			retention_days ? t`${retention_days} days` : (retentions[retention] ?? plain(retention)),
		source: ({ source }: DataValue) => sources[source],
		value: ({ label, value, value_state }: DataValue) => {
			if (value_state === "hidden") return t`Hidden, even from this page`;
			if (value_state === "erased") return t`Erased`;
			if (value_state === "broken") return t`Cannot be opened`;
			return value === null ? null : (spoken[label]?.[value] ?? value);
		},
	};
}
