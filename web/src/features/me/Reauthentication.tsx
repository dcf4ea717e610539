import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { api } from "@/api/client";
import { problemOf, renamed } from "@/lib/problem";
import { Button } from "@/ui/Button";
import { Answers, Dialog } from "@/ui/Dialog";
import { PasswordField } from "@/ui/Field";
import { Form } from "@/ui/Form";
import { Text } from "@/ui/Layout";
import { SlowDown, useSlowDown } from "@/ui/SlowDown";

type Reauthentication = {
	/** Gives back what may be shown as a failure: a missing password is asked for instead. */
	failure: (error: unknown) => unknown;
	/** For `onError`: asks for the password, then does it again. */
	askThen: (again: () => void) => (error: unknown) => void;
	dialog: ReactNode;
};

/** Some things need the password of the last ten minutes. It is asked for only when the server says so. */
export function useReauthentication(): Reauthentication {
	const [again, setAgain] = useState<(() => void) | null>(null);
	return {
		failure: (error) => (needsPassword(error) ? null : error),
		askThen: (run) => (error) => {
			if (needsPassword(error)) setAgain(() => run);
		},
		dialog: again ? (
			<PasswordDialog
				onClose={() => setAgain(null)}
				onDone={() => {
					setAgain(null);
					again();
				}}
			/>
		) : null,
	};
}

function needsPassword(error: unknown): boolean {
	return Boolean(error) && problemOf(error).code === "reauthentication_required";
}

function PasswordDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
	const { t } = useLingui();
	const [password, setPassword] = useState("");
	const check = api.useMutation("post", "/api/me/reauthentication", { onSuccess: onDone });
	const wait = useSlowDown(check.error, check.submittedAt);
	return (
		<Dialog title={t`Is it you?`} isOpen onClose={onClose}>
			<Form onSubmit={() => check.mutate({ body: { password } })}>
				<Text tone="quiet">{t`This needs your password again. It holds for ten minutes.`}</Text>
				<PasswordField
					label={t`Password`}
					name="password"
					autoComplete="current-password"
					value={password}
					onChange={setPassword}
					isRequired
					autoFocus
				/>
				<SlowDown error={renamed(check.error, { sign_in_failed: "password_wrong" })} secondsLeft={wait} />
				<Answers>
					<Button onPress={onClose}>{t`Back`}</Button>
					<Button type="submit" look="primary" isPending={check.isPending} isDisabled={wait > 0}>
						{t`It is me`}
					</Button>
				</Answers>
			</Form>
		</Dialog>
	);
}
