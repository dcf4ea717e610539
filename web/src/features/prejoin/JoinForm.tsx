import { useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Door } from "@/api/types";
import type { Call } from "@/call/call";
import type { Preview } from "@/call/preview";
import type { Session } from "@/call/session";
import type { Source } from "@/call/types";
import { Keeps } from "@/features/prejoin/Keeps";
import { type JoinAct, joinActOf } from "@/features/prejoin/model";
import styles from "@/features/prejoin/prejoin.module.css";
import { useStore } from "@/lib/use-store";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Form } from "@/ui/Form";
import { Quiet } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";

type Props = { door: Door; session: Session; call: Call; preview: Preview };

export function JoinForm({ door, session, call, preview }: Props) {
	const { t } = useLingui();
	const [name, setName] = useState(door.you.name ?? "");
	const view = useStore(preview.view);
	const act = joinActOf(door, view);
	const isAccount = door.you.kind === "account";
	const join = useMutation({
		mutationFn: (devices: readonly Source[]) => {
			if (view.camera.kind === "on") call.prefer("camera", view.camera.deviceId);
			if (view.microphone.kind === "on") call.prefer("microphone", view.microphone.deviceId);
			return session.join(isAccount ? null : name.trim(), devices);
		},
		networkMode: "always",
	});
	return (
		<div className={styles.form}>
			<Form onSubmit={() => join.mutate(act.kind === "with" ? act.devices : [])}>
				<Field
					label={t`Your name`}
					name="name"
					autoComplete="nickname"
					value={name}
					onChange={setName}
					maxLength={64}
					isRequired
					isReadOnly={isAccount}
					hint={isAccount ? t`Your nickname. Change it under Me.` : undefined}
				/>
				<Keeps policy={door.policy} />
				<ProblemNote error={join.error} />
				<Button type="submit" look="primary" size="large" wide isPending={join.isPending}>
					<JoinWords act={act} />
				</Button>
				<Quiet center>
					<JoinEffect act={act} />
				</Quiet>
			</Form>
		</div>
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
