import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api/client";
import { becomeSignedIn, instanceQuery } from "@/api/queries";
import type { NewAccount } from "@/api/types";
import { type Draft, daysOf, emptyDraft, type Step, steps } from "@/features/setup/model";
import { AccountStep, InstanceStep, OfficerStep, type StepProps } from "@/features/setup/SetupSteps";
import { currentLanguage } from "@/lib/i18n";
import { Button } from "@/ui/Button";
import { Form, FormFoot } from "@/ui/Form";
import { PageHead } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { RecoveryCodes } from "@/ui/RecoveryCodes";
import { Steps } from "@/ui/Steps";

const stepForms: Record<Step, (props: StepProps) => React.ReactNode> = {
	instance: InstanceStep,
	officer: OfficerStep,
	account: AccountStep,
};

export function SetupWizard({ token }: { token: string }) {
	const { t } = useLingui();
	const [step, setStep] = useState<Step>("instance");
	const [draft, setDraft] = useState(() => emptyDraft(currentLanguage()));
	const create = api.useMutation("post", "/api/setup");
	if (create.data) return <Kept made={create.data} />;
	const at = steps.indexOf(step);
	const next = steps[at + 1];
	const before = steps[at - 1];
	const StepForm = stepForms[step];
	const heads: Record<Step, { title: string; lead: string }> = {
		instance: {
			title: t`What is this Kloud called?`,
			lead: t`The name stands on the sign-in page and on the agreement. Both can be changed later.`,
		},
		officer: {
			title: t`Who answers for people's data?`,
			lead: t`This contact is shown on the agreement, on every request and in every notice. Kloud serves nobody else until it is set.`,
		},
		account: {
			title: t`Your own account`,
			lead: t`It runs this Kloud. Running it does not open what others write.`,
		},
	};
	const submit = () => {
		if (next) setStep(next);
		else create.mutate({ body: requestOf(token, draft) });
	};
	return (
		<>
			<Steps now={at + 1} of={steps.length} />
			<PageHead
				above={t`Step ${at + 1} of ${steps.length}`}
				title={heads[step].title}
				lead={heads[step].lead}
			/>
			<Form key={step} onSubmit={submit}>
				<StepForm draft={draft} change={(part) => setDraft({ ...draft, ...part })} />
				<ProblemNote error={create.error} />
				<FormFoot>
					{before ? (
						<Button look="ghost" onPress={() => setStep(before)}>
							{t`Back`}
						</Button>
					) : (
						<span />
					)}
					<Button type="submit" look="primary" size="large" isPending={create.isPending}>
						{next ? t`Continue` : t`Set up Kloud`}
					</Button>
				</FormFoot>
			</Form>
		</>
	);
}

function requestOf(token: string, draft: Draft) {
	return {
		token,
		instance_name: draft.instanceName.trim(),
		officer: {
			name: draft.officerName.trim(),
			contact: draft.officerContact.trim(),
			answers_within_days: daysOf(draft.answersWithinDays) ?? 30,
		},
		account: {
			identifier: draft.identifier.trim(),
			nickname: draft.nickname.trim(),
			password: draft.password,
			language: draft.language,
		},
	};
}

function Kept({ made }: { made: NewAccount }) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const navigate = useNavigate();
	const enter = async () => {
		await becomeSignedIn(queries, made.account);
		await queries.refetchQueries(instanceQuery());
		await navigate({ to: "/", replace: true });
	};
	return (
		<>
			<PageHead
				title={t`Keep these codes`}
				lead={t`Kloud is ready. If you forget the password, one of these lets you in once.`}
			/>
			<RecoveryCodes codes={made.recovery_codes} onKept={() => void enter()} />
		</>
	);
}
