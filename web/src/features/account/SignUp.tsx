import { useLingui } from "@lingui/react/macro";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api/client";
import { usePasswordVerdict } from "@/api/password";
import { becomeSignedIn, instanceQuery } from "@/api/queries";
import type { NewAccount } from "@/api/types";
import { AgreementNote } from "@/features/account/AgreementNote";
import styles from "@/features/account/account.module.css";
import { WhatHappens } from "@/features/account/WhatHappens";
import { currentLanguage } from "@/lib/i18n";
import { problemOf } from "@/lib/problem";
import { useProblemWords } from "@/lib/problem-words";
import { DoorPage } from "@/ui/Brand";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Form } from "@/ui/Form";
import { PageHead } from "@/ui/Layout";
import { NewPassword } from "@/ui/NewPassword";
import { Note } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";
import { RecoveryCodes } from "@/ui/RecoveryCodes";

export function SignUp() {
	const { t } = useLingui();
	const { data: instance } = useSuspenseQuery(instanceQuery());
	const [made, setMade] = useState<NewAccount | null>(null);
	if (made) return <KeepCodes made={made} />;
	return (
		<DoorPage
			width="free"
			right={
				<>
					<span className={styles.question}>{t`Have an account?`}</span>
					<Link to="/sign-in" className={styles.accent}>
						{t`Sign in`}
					</Link>
				</>
			}
		>
			<title>{t`Make an account · Kloud`}</title>
			<div className={styles.wide}>
				<div>
					<PageHead
						above={instance.name}
						title={t`Make an account`}
						lead={t`Three things are needed. Everything else can wait, or never come.`}
					/>
					{instance.sign_up === "open" ? (
						<SignUpForm onMade={setMade} />
					) : (
						<Note>{t`${instance.name} makes accounts by invitation. Ask whoever runs it. To join a meeting you need no account: open its link.`}</Note>
					)}
				</div>
				<WhatHappens />
			</div>
		</DoorPage>
	);
}

function SignUpForm({ onMade }: { onMade: (made: NewAccount) => void }) {
	const { t } = useLingui();
	const words = useProblemWords();
	const { data: instance } = useSuspenseQuery(instanceQuery());
	const [identifier, setIdentifier] = useState("");
	const [nickname, setNickname] = useState("");
	const [password, setPassword] = useState("");
	const verdict = usePasswordVerdict(password, [identifier, nickname]);
	const create = api.useMutation("post", "/api/accounts", { onSuccess: onMade });
	const problem = create.error ? problemOf(create.error) : null;
	const takenOrOdd = problem?.code === "identifier_taken" || problem?.params.field === "identifier";
	const submit = () => {
		const language = currentLanguage();
		const { version, hash_en, hash_zh } = instance.agreement;
		const agreement = { agreement_version: version, agreement_hash: language === "en" ? hash_en : hash_zh };
		create.mutate({ body: { identifier, nickname, password, language, ...agreement } });
	};
	return (
		<Form onSubmit={submit}>
			<Field
				label={t`E-mail or user name`}
				name="identifier"
				autoComplete="username"
				isPlain
				value={identifier}
				onChange={setIdentifier}
				isRequired
				hint={t`To sign you in. Nobody sees it unless you show it.`}
				error={takenOrOdd ? words(create.error) : null}
			/>
			<Field
				label={t`Nickname`}
				name="nickname"
				autoComplete="nickname"
				value={nickname}
				onChange={setNickname}
				maxLength={64}
				isRequired
				hint={t`Shown to people you meet.`}
			/>
			<NewPassword label={t`Password`} value={password} onChange={setPassword} verdict={verdict} />
			{takenOrOdd ? null : <ProblemNote error={create.error} />}
			<Button type="submit" look="primary" size="large" wide isPending={create.isPending}>
				{t`Make account`}
			</Button>
			<AgreementNote />
		</Form>
	);
}

function KeepCodes({ made }: { made: NewAccount }) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const navigate = useNavigate();
	const enter = async () => {
		await becomeSignedIn(queries, made.account);
		await navigate({ to: "/" });
	};
	return (
		<DoorPage width="wizard">
			<title>{t`Recovery codes · Kloud`}</title>
			<PageHead
				title={t`Keep these codes`}
				lead={t`Your account is made. If you forget the password, one of these lets you in once.`}
			/>
			<RecoveryCodes codes={made.recovery_codes} onKept={() => void enter()} />
		</DoorPage>
	);
}
