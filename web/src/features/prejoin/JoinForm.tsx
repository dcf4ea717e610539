import { useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { doorQuery } from "@/api/queries";
import type { Door, Policy } from "@/api/types";
import type { Call } from "@/call/call";
import type { Preview } from "@/call/preview";
import type { Session } from "@/call/session";
import type { Source } from "@/call/types";
import { Keeps, KeepsNews } from "@/features/prejoin/Keeps";
import { isDoorNews, isPolicyNews, type JoinAct, joinActOf, passcodeErrorOf } from "@/features/prejoin/model";
import styles from "@/features/prejoin/prejoin.module.css";
import { useProblemWords } from "@/lib/problem-words";
import { useStore } from "@/lib/use-store";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Form } from "@/ui/Form";
import { Quiet } from "@/ui/Note";
import { SlowDown, useSlowDown } from "@/ui/SlowDown";

type Props = {
	door: Door;
	name: string;
	onName: (name: string) => void;
	session: Session;
	call: Call;
	preview: Preview;
};

/** Where one can begin to write at once. On a phone the keyboard would cover what is kept. */
const hasKeyboard = () => globalThis.matchMedia?.("(pointer: fine)").matches ?? false;

export function JoinForm({ door, name, onName, session, call, preview }: Props) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const [passcode, setPasscode] = useState("");
	const view = useStore(preview.view);
	const [shownBefore, setShownBefore] = useState<Policy | null>(null);
	const act = joinActOf(door, view);
	const isAccount = door.you.kind === "account";
	const join = useMutation({
		mutationFn: (devices: readonly Source[]) => {
			call.prefer("camera", view.chosen.camera);
			call.prefer("microphone", view.chosen.microphone);
			// What is agreed to is what stands on the card.
			const knock = { passcode: passcode.trim() || undefined, policy: door.policy.version };
			return session.join(isAccount ? null : name.trim(), devices, knock);
		},
		networkMode: "always",
		// The door has changed while one stood there; its page says how.
		onError: (error) => {
			if (isPolicyNews(error)) setShownBefore(door.policy);
			if (isDoorNews(error)) void queries.invalidateQueries(doorQuery(door.code));
		},
	});
	const secondsLeft = useSlowDown(join.error, join.submittedAt);
	const passcodeError = passcodeErrorOf(join.error);
	const isSaidElsewhere = passcodeError !== null || isPolicyNews(join.error);
	return (
		<div className={styles.form}>
			<Form onSubmit={() => join.mutate(act.kind === "with" ? act.devices : [])}>
				<Field
					label={t`Your name`}
					name="name"
					autoComplete="nickname"
					autoFocus={!isAccount && hasKeyboard()}
					value={name}
					onChange={onName}
					maxLength={64}
					isRequired
					isReadOnly={isAccount}
					hint={isAccount ? t`Your nickname. Change it under Me.` : undefined}
				/>
				{door.passcode_needed || passcodeError ? (
					<PasscodeField
						// A wrong one is written again: the field is new, and has the focus.
						key={passcodeError ? join.submittedAt : "first"}
						value={passcode}
						onChange={setPasscode}
						error={join.isPending ? null : passcodeError}
					/>
				) : null}
				<Keeps policy={door.policy} elsewhere={door.media_elsewhere} />
				{shownBefore ? <KeepsNews before={shownBefore} now={door.policy} /> : null}
				{isSaidElsewhere ? null : <SlowDown error={join.error} secondsLeft={secondsLeft} />}
				<Button
					type="submit"
					look="primary"
					size="large"
					wide
					isPending={join.isPending}
					isDisabled={secondsLeft > 0}
				>
					<JoinWords act={act} />
				</Button>
				<Quiet center>
					<JoinEffect act={act} />
				</Quiet>
				<Quiet center>
					<a className={styles.check} href={`/check?m=${door.code}`}>
						{t`Check your connection`}
					</a>
				</Quiet>
			</Form>
		</div>
	);
}

type PasscodeProps = { value: string; onChange: (value: string) => void; error: unknown };

function PasscodeField({ value, onChange, error }: PasscodeProps) {
	const { t } = useLingui();
	const words = useProblemWords();
	return (
		<Field
			label={t`Passcode`}
			autoComplete="off"
			isPlain
			isRequired
			maxLength={32}
			autoFocus={Boolean(error)}
			value={value}
			onChange={onChange}
			hint={t`It stands in the invitation.`}
			error={error ? words(error) : null}
		/>
	);
}

function JoinWords({ act }: { act: JoinAct }) {
	const { t } = useLingui();
	if (act.kind === "knock") return t`Ask to join`;
	if (act.kind === "everything-off") return t`Join with everything off`;
	if (act.devices.length > 1) return t`Join with microphone and camera on`;
	return act.devices[0] === "camera" ? t`Join with camera on` : t`Join with microphone on`;
}

function JoinEffect({ act }: { act: JoinAct }) {
	const { t } = useLingui();
	if (act.kind === "knock") return t`The host lets you in. Everything stays off.`;
	if (act.kind === "everything-off") return t`You can turn on microphone and camera inside.`;
	if (act.devices.length > 1)
		return t`People in this meeting see and hear you. Your yes is for this meeting.`;
	return act.devices[0] === "camera"
		? t`People in this meeting see you. Your yes is for this meeting.`
		: t`People in this meeting hear you. Your yes is for this meeting.`;
}
