import { useLingui } from "@lingui/react/macro";
import { api } from "@/api/client";
import { Button } from "@/ui/Button";
import { Answers, Dialog } from "@/ui/Dialog";
import { Stack, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";

type Props = { code: string; isOpen: boolean; onClose: () => void; onEnded: () => void };

/** Asked before a meeting ends for everyone: that cannot be undone. */
export function EndQuestion({ code, isOpen, onClose, onEnded }: Props) {
	const { t } = useLingui();
	const end = api.useMutation("post", "/api/meetings/{code}/end", { onSuccess: onEnded });
	return (
		<Dialog title={t`End this meeting for everyone?`} isOpen={isOpen} onClose={onClose} alert>
			<Stack gap={4}>
				<Text tone="quiet">
					{t`Whoever is inside is taken to the closing page, and the link opens no more. The chat stays as long as it was promised.`}
				</Text>
				<ProblemNote error={end.error} />
				<Answers>
					<Button onPress={onClose}>{t`Keep it open`}</Button>
					<Button
						look="bad"
						isPending={end.isPending}
						onPress={() => end.mutate({ params: { path: { code } } })}
					>
						{t`End for everyone`}
					</Button>
				</Answers>
			</Stack>
		</Dialog>
	);
}
