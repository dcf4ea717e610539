import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";
import { useFormat } from "@/lib/format";
import { problemOf } from "@/lib/problem";

const byCode: Record<string, MessageDescriptor> = {
	unreachable: msg`Kloud cannot be reached. Nothing you entered is lost here. Check the connection and try again.`,
	internal: msg`Something failed on the server. Nothing was changed. Try again in a moment.`,
	unauthenticated: msg`You are signed out. Sign in again to continue.`,
	forbidden: msg`This is not yours to do. Ask the host or the owner.`,
	not_found: msg`This does not exist, or no longer.`,
	invalid: msg`Something entered here cannot be used. Look at it again.`,
	too_large: msg`This is larger than Kloud accepts.`,
	conflict: msg`This changed in the meantime. Load the page again and repeat it.`,
	setup_required: msg`This Kloud has not been set up yet.`,
	setup_link_invalid: msg`This setup link is not valid. Copy the newest one that the server printed.`,
	reauthentication_required: msg`Enter your password again to go on.`,
	origin_refused: msg`The request came from another site and was refused. Open Kloud at its own address.`,
	sign_in_failed: msg`Name and password do not belong together. Check both; capital letters count in the password.`,
	password_wrong: msg`The password is not right. Check it; capital letters count.`,
	identifier_taken: msg`This name is taken. Choose another one, or sign in if it is yours.`,
	"password_refused.too_short": msg`The password is too short. Use 15 characters or more.`,
	"password_refused.too_common": msg`This password is among those that are guessed first. Choose another one.`,
	"password_refused.contains_you": msg`The password contains your name. Choose one that does not.`,
	password_refused: msg`This password cannot be used. Choose a longer one.`,
	recovery_failed: msg`Name and recovery code do not belong together, or the code was used before.`,
	passcode_needed: msg`This meeting has a passcode. Ask the host for it.`,
	wrong_passcode: msg`That is not the passcode. Look at the invitation again, or ask the host.`,
	meeting_locked: msg`The host has locked this meeting: nobody new comes in. Ask the host to open it.`,
	banned: msg`The host has shut you out of this meeting.`,
	expired: msg`This link has expired. Ask the host for a new one.`,
	meeting_ended: msg`This meeting has ended. Ask the host for a new link.`,
	meeting_full: msg`As many are inside as this meeting takes. Try again when somebody has left.`,
	host_only: msg`Only the host may do this.`,
	not_allowed: msg`The host has not allowed this here.`,
	policy_changed: msg`What this meeting keeps has changed. Look at it and agree first; nothing was sent.`,
	only_shorter: msg`Somebody wrote under the present promise, so the chat can only be kept for a shorter time.`,
	"invalid.passcode": msg`A passcode has 4 to 32 characters.`,
	"invalid.cap": msg`From 2 to 200 people can be let in at once.`,
	"invalid.starts_at": msg`This time cannot be used. Choose another one.`,
	"invalid.duration_minutes": msg`A meeting lasts from 1 minute to 24 hours.`,
	"invalid.zone": msg`This time zone is not known here. Choose another one.`,
	"invalid.identifier": msg`Write an e-mail address or a user name without spaces.`,
	"invalid.nickname": msg`A nickname has 1 to 64 characters.`,
	"invalid.name": msg`A name has 1 to 64 characters.`,
	"invalid.title": msg`A title has at most 120 characters.`,
	"invalid.text": msg`A message has 1 to 4,000 characters.`,
};

/** Words for any failure, in the person's language. */
export function useProblemWords(): (error: unknown) => string {
	const { i18n } = useLingui();
	const format = useFormat();
	return (error) => {
		const { code, params } = problemOf(error);
		if (code === "too_many_attempts") {
			const seconds = Number(params.retry_after_seconds ?? 60);
			return i18n._(msg`Too many attempts. Try again in ${format.countdown(seconds)}.`);
		}
		const detail = typeof params.reason === "string" ? `${code}.${params.reason}` : "";
		const field = typeof params.field === "string" ? `${code}.${params.field}` : "";
		const words = byCode[detail] ?? byCode[field] ?? byCode[code] ?? byCode.internal;
		return words ? i18n._(words) : code;
	};
}
