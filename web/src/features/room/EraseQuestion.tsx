import { useLingui } from "@lingui/react/macro";
import { api } from "@/api/client";
import type { Session } from "@/call/session";
import { forgetChoices } from "@/lib/choices";
import { Button } from "@/ui/Button";
import { Answers, Dialog } from "@/ui/Dialog";
import { Stack, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";

type Props = { code: string; session: Session; isOpen: boolean; onClose: () => void };

/** A guest's way out without a trace. The secret of the request opens the page that shows how far it is. */
export function EraseQuestion({ code, session, isOpen, onClose }: Props) {
	const { t } = useLingui();
	const erase = api.useMutation("post", "/api/meetings/{code}/seat/erase", {
		onSuccess: async ({ request }) => {
			forgetChoices();
			await session.close("erased");
			location.assign(`/cancelled#${request}`);
		},
	});
	return (
		<Dialog title={t`Leave and be erased?`} isOpen={isOpen} onClose={onClose} alert>
			<Stack gap={4}>
				<Text tone="quiet">
					{t`Your key is destroyed at once: your name and what you wrote here can be read no more, by anybody. What others wrote stays theirs.`}
				</Text>
				<ProblemNote error={erase.error} />
				<Answers>
					<Button onPress={onClose}>{t`Stay`}</Button>
					<Button
						look="bad"
						isPending={erase.isPending}
						onPress={() => erase.mutate({ params: { path: { code } } })}
					>
						{t`Leave and erase me`}
					</Button>
				</Answers>
			</Stack>
		</Dialog>
	);
}
