import { useLingui } from "@lingui/react/macro";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { usePasswordVerdict } from "@/api/password";
import { meQuery } from "@/api/queries";
import { renamed } from "@/lib/problem";
import { Button } from "@/ui/Button";
import { PasswordField } from "@/ui/Field";
import { Form, FormFoot } from "@/ui/Form";
import { Card, Stack, Text } from "@/ui/Layout";
import { NewPassword } from "@/ui/NewPassword";
import { Narrow } from "@/ui/Page";
import { SlowDown, useSlowDown } from "@/ui/SlowDown";
import { toast } from "@/ui/toasts";

export function PasswordChange() {
	const { t } = useLingui();
	const { data: me } = useSuspenseQuery(meQuery());
	const [current, setCurrent] = useState("");
	const [password, setPassword] = useState("");
	const verdict = usePasswordVerdict(password, [me.identifier, me.nickname]);
	const change = api.useMutation("put", "/api/me/password", {
		onSuccess: () => {
			setCurrent("");
			setPassword("");
			toast(t`Password changed. All other devices are signed out.`);
		},
	});
	const wait = useSlowDown(change.error, change.submittedAt);
	return (
		<Card pad>
			<Stack gap={4}>
				<div>
					<h2>{t`Change the password`}</h2>
					<Text size={13} tone="quiet">{t`All other devices are signed out.`}</Text>
				</div>
				<Narrow>
					<Form
						onSubmit={() => change.mutate({ body: { current_password: current, new_password: password } })}
					>
						<PasswordField
							label={t`Present password`}
							name="current-password"
							autoComplete="current-password"
							value={current}
							onChange={setCurrent}
							isRequired
						/>
						<NewPassword
							label={t`New password`}
							name="new-password"
							value={password}
							onChange={setPassword}
							verdict={verdict}
						/>
						<SlowDown
							error={renamed(change.error, { sign_in_failed: "password_wrong" })}
							secondsLeft={wait}
						/>
						<FormFoot>
							<Button type="submit" isPending={change.isPending} isDisabled={wait > 0}>
								{t`Change the password`}
							</Button>
						</FormFoot>
					</Form>
				</Narrow>
			</Stack>
		</Card>
	);
}
