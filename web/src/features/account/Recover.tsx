import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api/client";
import { usePasswordVerdict } from "@/api/password";
import { becomeSignedIn } from "@/api/queries";
import type { Me } from "@/api/types";
import styles from "@/features/account/account.module.css";
import { renamed } from "@/lib/problem";
import { DoorPage } from "@/ui/Brand";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Form } from "@/ui/Form";
import { PageHead } from "@/ui/Layout";
import { NewPassword } from "@/ui/NewPassword";
import { SlowDown, useSlowDown } from "@/ui/SlowDown";
import { toast } from "@/ui/toasts";

export function Recover() {
	const { t } = useLingui();
	const queries = useQueryClient();
	const navigate = useNavigate();
	const [identifier, setIdentifier] = useState("");
	const [code, setCode] = useState("");
	const [password, setPassword] = useState("");
	const verdict = usePasswordVerdict(password, [identifier]);
	const enter = async ({ account, recovery_codes_left }: { account: Me; recovery_codes_left: number }) => {
		await becomeSignedIn(queries, account);
		toast(
			plural(recovery_codes_left, {
				one: "You are in. # recovery code is left; make new ones under Devices and security.",
				other: "You are in. # recovery codes are left; make new ones under Devices and security.",
			}),
		);
		await navigate({ to: "/", replace: true });
	};
	const recover = api.useMutation("post", "/api/sessions/recovery", { onSuccess: enter });
	const wait = useSlowDown(recover.error, recover.submittedAt);
	const submit = () =>
		recover.mutate({ body: { identifier, recovery_code: code.trim(), new_password: password } });
	return (
		<DoorPage
			right={
				<Link to="/sign-in" className={styles.accent}>
					{t`Sign in`}
				</Link>
			}
		>
			<title>{t`Get back in · Kloud`}</title>
			<PageHead
				title={t`Get back in`}
				lead={t`One of the codes you kept, and a new password. All other devices are signed out.`}
			/>
			<Form onSubmit={submit}>
				<Field
					label={t`E-mail or user name`}
					name="identifier"
					autoComplete="username"
					isPlain
					value={identifier}
					onChange={setIdentifier}
					isRequired
				/>
				<Field
					label={t`Recovery code`}
					name="recovery-code"
					autoComplete="one-time-code"
					isPlain
					value={code}
					onChange={setCode}
					isRequired
					hint={t`Each code works once.`}
				/>
				<NewPassword label={t`New password`} value={password} onChange={setPassword} verdict={verdict} />
				<SlowDown error={renamed(recover.error, { sign_in_failed: "recovery_failed" })} secondsLeft={wait} />
				<Button
					type="submit"
					look="primary"
					size="large"
					wide
					isPending={recover.isPending}
					isDisabled={wait > 0}
				>
					{t`Get back in`}
				</Button>
			</Form>
		</DoorPage>
	);
}
