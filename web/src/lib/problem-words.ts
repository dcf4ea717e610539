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
	"invalid.identifier": msg`Write an e-mail address or a user name without spaces.`,
	"invalid.nickname": msg`A nickname has 1 to 64 characters.`,
	"invalid.name": msg`A name has 1 to 64 characters.`,
	"invalid.title": msg`A title has at most 200 characters.`,
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
