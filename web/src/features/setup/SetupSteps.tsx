import { useLingui } from "@lingui/react/macro";
import { usePasswordVerdict } from "@/api/password";
import { type Draft, daysOf, longestAnswerDays } from "@/features/setup/model";
import { chooseLanguage, languageNames, languages } from "@/lib/i18n";
import { Choice } from "@/ui/Choice";
import { Field } from "@/ui/Field";
import { NewPassword } from "@/ui/NewPassword";

export type StepProps = { draft: Draft; change: (part: Partial<Draft>) => void };

export function InstanceStep({ draft, change }: StepProps) {
	const { t } = useLingui();
	return (
		<>
			<Field
				label={t`Name`}
				value={draft.instanceName}
				onChange={(instanceName) => change({ instanceName })}
				placeholder={t`For example, your team or family`}
				maxLength={80}
				isRequired
				autoFocus
			/>
			<Choice
				label={t`Language`}
				sideways
				value={draft.language}
				options={languages.map((id) => ({ id, name: languageNames[id] }))}
				onChange={(language) => {
					change({ language });
					void chooseLanguage(language);
				}}
			/>
		</>
	);
}

export function OfficerStep({ draft, change }: StepProps) {
	const { t } = useLingui();
	return (
		<>
			<Field
				label={t`Name or role`}
				value={draft.officerName}
				onChange={(officerName) => change({ officerName })}
				maxLength={120}
				isRequired
				autoFocus
			/>
			<Field
				label={t`E-mail or another way to reach them`}
				value={draft.officerContact}
				onChange={(officerContact) => change({ officerContact })}
				maxLength={200}
				isRequired
			/>
			<Field
				label={t`Answers within, in days`}
				type="text"
				inputMode="numeric"
				value={draft.answersWithinDays}
				onChange={(answersWithinDays) => change({ answersWithinDays })}
				validate={(value) =>
					daysOf(value) === null ? t`Write a number from 1 to ${longestAnswerDays}.` : null
				}
				isRequired
				hint={t`The agreement promises 30. A shorter promise can be set, a longer one cannot.`}
			/>
		</>
	);
}

export function AccountStep({ draft, change }: StepProps) {
	const { t } = useLingui();
	const verdict = usePasswordVerdict(draft.password, [draft.identifier, draft.nickname]);
	return (
		<>
			<Field
				label={t`E-mail or user name`}
				name="identifier"
				autoComplete="username"
				isPlain
				value={draft.identifier}
				onChange={(identifier) => change({ identifier })}
				isRequired
				autoFocus
				hint={t`To sign you in. Nobody sees it unless you show it.`}
			/>
			<Field
				label={t`Nickname`}
				name="nickname"
				autoComplete="nickname"
				value={draft.nickname}
				onChange={(nickname) => change({ nickname })}
				maxLength={64}
				isRequired
				hint={t`Shown to people you meet.`}
			/>
			<NewPassword
				label={t`Password`}
				value={draft.password}
				onChange={(password) => change({ password })}
				verdict={verdict}
			/>
		</>
	);
}
