import { useLingui } from "@lingui/react/macro";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api/client";
import { becomeSignedIn, instanceQuery } from "@/api/queries";
import type { Me } from "@/api/types";
import styles from "@/features/account/account.module.css";
import { DoorPage } from "@/ui/Brand";
import { Button } from "@/ui/Button";
import { Field, PasswordField } from "@/ui/Field";
import { Form } from "@/ui/Form";
import { PageHead, Row } from "@/ui/Layout";
import { SlowDown, useSlowDown } from "@/ui/SlowDown";

export function SignIn({ next }: { next: string }) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const { data: instance } = useSuspenseQuery(instanceQuery());
	const navigate = useNavigate();
	const [identifier, setIdentifier] = useState("");
	const [password, setPassword] = useState("");
	const enter = async (me: Me) => {
		await becomeSignedIn(queries, me);
		// A meeting is a document of its own, with its own rights to devices: it is entered by real navigation.
		if (next.startsWith("/m/")) location.assign(next);
		else await navigate({ href: next, replace: true });
	};
	const signIn = api.useMutation("post", "/api/sessions", { onSuccess: enter });
	const wait = useSlowDown(signIn.error, signIn.submittedAt);
	return (
		<DoorPage
			right={
				<>
					<span className={styles.question}>{t`New here?`}</span>
					<Link to="/sign-up" className={styles.accent}>
						{t`Make an account`}
					</Link>
				</>
			}
		>
			<title>{t`Sign in · Kloud`}</title>
			<PageHead above={instance.name} title={t`Sign in`} />
			<Form onSubmit={() => signIn.mutate({ body: { identifier, password } })}>
				<Field
					label={t`E-mail or user name`}
					name="identifier"
					autoComplete="username"
					isPlain
					value={identifier}
					onChange={setIdentifier}
					isRequired
					autoFocus
				/>
				<PasswordField
					label={t`Password`}
					name="password"
					autoComplete="current-password"
					value={password}
					onChange={setPassword}
					isRequired
				/>
				<SlowDown error={signIn.error} secondsLeft={wait} />
				<Button
					type="submit"
					look="primary"
					size="large"
					wide
					isPending={signIn.isPending}
					isDisabled={wait > 0}
				>
					{t`Sign in`}
				</Button>
				<Row align="center">
					<Link to="/recover" className={styles.forgot}>{t`I forgot my password`}</Link>
				</Row>
			</Form>
		</DoorPage>
	);
}
