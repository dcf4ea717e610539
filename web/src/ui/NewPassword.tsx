import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Verdict } from "@/lib/password";
import { PasswordField } from "@/ui/Field";
import { Text } from "@/ui/Layout";

type Props = {
	label: string;
	value: string;
	onChange: (value: string) => void;
	verdict: Verdict;
	name?: string;
};

export function NewPassword({ label, value, onChange, verdict, name = "password" }: Props) {
	return (
		<PasswordField
			label={label}
			name={name}
			value={value}
			onChange={onChange}
			autoComplete="new-password"
			isRequired
			hint={<Words verdict={verdict} />}
		/>
	);
}

function Words({ verdict }: { verdict: Verdict }) {
	const { t } = useLingui();
	switch (verdict.kind) {
		case "empty":
			return t`15 characters or more. No rules about symbols.`;
		case "too-short":
			return plural(verdict.missing, {
				one: "# more character. No rules about symbols.",
				other: "# more characters. No rules about symbols.",
			});
		case "waiting":
			return t`${verdict.length} characters.`;
		case "refused":
			return (
				<Text as="span" size={13} tone="warn">
					{verdict.reason === "too_common"
						? t`Long enough, but among those that are guessed first.`
						: t`Long enough, but it contains your name.`}
				</Text>
			);
		case "good":
			return (
				<>
					<Text as="span" size={13} tone="good">
						{t`Long enough: ${verdict.length} characters.`}
					</Text>{" "}
					{t`No rules about symbols.`}
				</>
			);
	}
}
