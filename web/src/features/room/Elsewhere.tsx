import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Session } from "@/call/session";
import { DoorPage } from "@/ui/Brand";
import { Button } from "@/ui/Button";
import { PageHead, Row, Stack } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";

/** The same person is inside from another page. This one waits, and takes the seat back only when pressed. */
export function Elsewhere({ session, title }: { session: Session; title: string | null | undefined }) {
	const { t } = useLingui();
	const [problem, setProblem] = useState<unknown>(null);
	return (
		<DoorPage width="wizard">
			<title>{t`You joined elsewhere · Kloud`}</title>
			<PageHead
				above={title}
				title={t`You joined elsewhere`}
				lead={t`The meeting goes on in your other window or device. Camera and microphone are off here.`}
				begins
			/>
			<Stack gap={5}>
				<ProblemNote error={problem} />
				<Row gap={3} wrap>
					<Button look="primary" onPress={() => void session.comeHere().catch(setProblem)}>
						{t`Use here instead`}
					</Button>
				</Row>
			</Stack>
		</DoorPage>
	);
}
