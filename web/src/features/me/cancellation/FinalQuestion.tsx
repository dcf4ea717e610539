import { useLingui } from "@lingui/react/macro";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Answers, Dialog } from "@/ui/Dialog";
import { Stack, Text } from "@/ui/Layout";

type Props = {
	isOpen: boolean;
	waitsUntil: string | null;
	isPending: boolean;
	onKeep: () => void;
	onCancel: () => void;
};

export function FinalQuestion({ isOpen, waitsUntil, isPending, onKeep, onCancel }: Props) {
	const { t } = useLingui();
	const format = useFormat();
	return (
		<Dialog title={t`Cancel your account now?`} isOpen={isOpen} onClose={onKeep} alert>
			<Stack gap={4}>
				<Text tone="quiet">
					{waitsUntil
						? t`You are signed out everywhere. Until ${format.moment(waitsUntil)} you can take it back on the next page; after that your key is destroyed.`
						: t`You are signed out everywhere and your key is destroyed. This cannot be undone by anybody.`}
				</Text>
				<Answers>
					<Button onPress={onKeep}>{t`Keep my account`}</Button>
					<Button look="bad" isPending={isPending} onPress={onCancel}>
						{t`Cancel my account`}
					</Button>
				</Answers>
			</Stack>
		</Dialog>
	);
}
