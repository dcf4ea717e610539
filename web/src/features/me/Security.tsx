import { useLingui } from "@lingui/react/macro";
import { Devices } from "@/features/me/Devices";
import { NewCodes } from "@/features/me/NewCodes";
import { PasswordChange } from "@/features/me/PasswordChange";
import { PageHead, Stack } from "@/ui/Layout";

export function Security() {
	const { t } = useLingui();
	return (
		<>
			<title>{t`Devices and security · Kloud`}</title>
			<PageHead title={t`Devices and security`} lead={t`Where you are signed in, and how you get in.`} />
			<Stack gap={5}>
				<Devices />
				<PasswordChange />
				<NewCodes />
			</Stack>
		</>
	);
}
