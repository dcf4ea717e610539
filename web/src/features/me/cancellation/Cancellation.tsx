import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api/client";
import { stopFollowing } from "@/api/live";
import { FinalQuestion } from "@/features/me/cancellation/FinalQuestion";
import { Preview } from "@/features/me/cancellation/Preview";
import { useReauthentication } from "@/features/me/Reauthentication";
import { forgetChoices } from "@/lib/choices";
import { Button, buttonClass } from "@/ui/Button";
import { PageHead, Row, Stack } from "@/ui/Layout";
import { Two } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { Bone } from "@/ui/Skeleton";

export function Cancellation() {
	const { t } = useLingui();
	const queries = useQueryClient();
	const navigate = useNavigate();
	const reauthentication = useReauthentication();
	const preview = api.useQuery("get", "/api/me/cancellation");
	const [asked, setAsked] = useState(false);
	const send = () => cancel.mutate({});
	const cancel = api.useMutation("post", "/api/me/cancellation", {
		onSuccess: async ({ request }) => {
			stopFollowing();
			forgetChoices();
			await navigate({ to: "/cancelled", hash: request, replace: true });
			queries.clear();
		},
		onError: reauthentication.askThen(send),
	});
	return (
		<>
			<title>{t`Account cancellation · Kloud`}</title>
			<PageHead
				above={
					<>
						<Link to="/me/about">{t`About`}</Link> / {t`Account cancellation`}
					</>
				}
				title={t`Cancel your account`}
				lead={t`Look first at what goes and what stays. Nothing happens until the last step.`}
			/>
			{preview.isPending ? (
				<Two>
					<Bone shape="block" />
					<Bone shape="block" />
				</Two>
			) : preview.isError ? (
				<ProblemNote error={preview.error} onRetry={() => void preview.refetch()} />
			) : (
				<Stack gap={5}>
					<Preview preview={preview.data} />
					<ProblemNote error={reauthentication.failure(cancel.error)} />
					<Row gap={3} align="end" wrap>
						<Link to="/me/about" className={buttonClass()}>
							{t`Keep my account`}
						</Link>
						<Button look="bad" onPress={() => setAsked(true)}>
							{t`Continue to cancel`}
						</Button>
					</Row>
					<FinalQuestion
						isOpen={asked}
						waitsUntil={preview.data.waits_until}
						isPending={cancel.isPending}
						onKeep={() => setAsked(false)}
						onCancel={() => {
							setAsked(false);
							send();
						}}
					/>
				</Stack>
			)}
			{reauthentication.dialog}
		</>
	);
}
