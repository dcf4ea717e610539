import { useLingui } from "@lingui/react/macro";
import type { DataSubject } from "@/lib/data-groups";

/** The words for what is held: each column of the server's inventory, and what the columns are about. */
export function useDataLabels(): Record<string, string> {
	const { t } = useLingui();
	return {
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
		"meeting.title": t`A meeting's title`,
		"seat.member": t`Your stand-in in a meeting`,
		"seat.name": t`Name in a meeting`,
		"seat.status": t`Inside, waiting or left`,
		"seat.permits": t`What was on`,
		"seat.knocked_at": t`Came to the door`,
		"seat.admitted_at": t`Came in`,
		"seat.left_at": t`Left`,
		"message.member": t`Your stand-in as writer`,
		"message.body": t`A message`,
		"message.sent_at": t`When it was sent`,
		"consent.record": t`An answer, whole`,
		"consent.purpose": t`What an answer is about`,
		"consent.answer": t`Your answer`,
		"consent.given_at": t`When you answered`,
		"consent.scope": t`Where an answer holds`,
		"consent.until": t`Until when an answer holds`,
		"permission.install": t`In which browser`,
		"permission.device": t`What is permitted`,
		"permission.state": t`On or off`,
		"permission.reach": t`How far it reaches`,
		"permission.changed_at": t`Last changed`,
		"permission.changed_by": t`Changed by`,
		"erasure.state": t`How far an erasure is`,
		"erasure.requested_at": t`When you asked for it`,
		"day_opening.purpose": t`What it was opened for`,
		"day_opening.day": t`On which day`,
		"day_opening.count": t`How often`,
		"named_opening.purpose": t`What somebody opened it for`,
		"named_opening.opened_at": t`When somebody opened it`,
		"named_opening.detail": t`Who it was, and why`,
		"disclosure.recipient": t`Who received it`,
		"disclosure.purpose": t`What it was handed on for`,
		"disclosure.contract": t`Under which contract`,
		"disclosure.fields": t`What was handed on`,
		"disclosure.disclosed_at": t`When it was handed on`,
	};
}

export function useSubjectWords(): Record<DataSubject, string> {
	const { t } = useLingui();
	return {
		profile: t`Profile`,
		security: t`Sign-in and devices`,
		meetings: t`Meetings`,
		messages: t`Messages`,
		answers: t`Permissions and agreements`,
		record: t`Openings, hand-overs and requests`,
		other: t`Everything else`,
	};
}

/** What a key of its own is made for each of. */
export function useCategoryWords(): Record<string, string> {
	const { t } = useLingui();
	return {
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
}
