import { useLingui } from "@lingui/react/macro";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { usePreferences } from "@/api/preferences";
import { meQuery } from "@/api/queries";
import type { Me } from "@/api/types";
import { SignOut } from "@/features/me/SignOut";
import { languageNames, languages } from "@/lib/i18n";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { Field } from "@/ui/Field";
import { Form, FormFoot } from "@/ui/Form";
import { Card, PageHead, Stack } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { toast } from "@/ui/toasts";

export function Profile() {
	const { t } = useLingui();
	const { data: me } = useSuspenseQuery(meQuery());
	return (
		<>
			<title>{t`Profile · Kloud`}</title>
			<PageHead title={t`Profile`} lead={t`What others see of you, and how Kloud looks to you.`} />
			<Stack gap={5}>
				<Names me={me} />
				<Preferences me={me} />
				<SignOut />
			</Stack>
		</>
	);
}

function Names({ me }: { me: Me }) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const [nickname, setNickname] = useState(me.nickname);
	const [realName, setRealName] = useState(me.real_name ?? "");
	const [ageBand, setAgeBand] = useState(me.age_band);
	const save = api.useMutation("patch", "/api/me", {
		onSuccess: (changed) => {
			queries.setQueryData(meQuery().queryKey, changed);
			toast(t`Saved`);
		},
	});
	const submit = () =>
		save.mutate({
			body: { nickname: nickname.trim(), real_name: realName.trim() || null, age_band: ageBand },
		});
	return (
		<Card pad>
			<Form onSubmit={submit}>
				<Field
					label={t`Nickname`}
					value={nickname}
					onChange={setNickname}
					maxLength={64}
					isRequired
					hint={t`Shown to people you meet.`}
				/>
				<Field
					label={t`Real name`}
					optional
					value={realName}
					onChange={setRealName}
					maxLength={120}
					hint={t`Shown to nobody until you show it. Empty it and it is erased.`}
				/>
				<Choice
					label={t`Age`}
					sideways
					value={ageBand}
					onChange={setAgeBand}
					options={[
						{ id: "adult", name: t`18 or older` },
						{ id: "minor", name: t`Younger` },
					]}
				/>
				<ProblemNote error={save.error} />
				<FormFoot>
					<span />
					<Button type="submit" look="primary" isPending={save.isPending}>
						{t`Save`}
					</Button>
				</FormFoot>
			</Form>
		</Card>
	);
}

function Preferences({ me }: { me: Me }) {
	const { t } = useLingui();
	const preferences = usePreferences();
	return (
		<Card pad>
			<Stack gap={5}>
				<Choice
					label={t`Language`}
					sideways
					value={me.language}
					onChange={preferences.language}
					options={languages.map((id) => ({ id, name: languageNames[id] }))}
				/>
				<Choice
					label={t`Appearance`}
					sideways
					value={me.theme}
					onChange={preferences.theme}
					options={[
						{ id: "system", name: t`System` },
						{ id: "light", name: t`Light` },
						{ id: "dark", name: t`Dark` },
					]}
				/>
			</Stack>
		</Card>
	);
}
