import { useLingui } from "@lingui/react/macro";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "@/api/client";
import { instanceQuery } from "@/api/queries";
import { SetupWizard } from "@/features/setup/SetupWizard";
import { DoorPage } from "@/ui/Brand";
import { buttonClass } from "@/ui/Button";
import { PageHead, Stack } from "@/ui/Layout";
import { Note } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";
import { Bone } from "@/ui/Skeleton";

/** The first start. Whoever holds the link that the server printed sets up this Kloud, once. */
export function Setup({ token }: { token: string }) {
	const { t } = useLingui();
	const { data: instance } = useSuspenseQuery(instanceQuery());
	// The wizard's last step comes after the instance is set up; what was true at the start decides.
	const [wasNeeded] = useState(instance.setup_required);
	const check = useQuery({
		queryKey: ["setup-check", token],
		queryFn: async () => {
			const { error } = await client.POST("/api/setup/check", { body: { token } });
			if (error) throw error;
			return true;
		},
		enabled: wasNeeded && token !== "",
		retry: false,
		staleTime: Number.POSITIVE_INFINITY,
	});
	return (
		<DoorPage width="wizard" right={<span>{t`First start`}</span>}>
			<title>{t`First start · Kloud`}</title>
			{!wasNeeded ? (
				<Stack gap={4}>
					<PageHead title={t`This Kloud is set up`} lead={t`The setup link worked once and is spent.`} />
					<a className={buttonClass({ look: "primary", size: "large" })} href="/">{t`Go home`}</a>
				</Stack>
			) : token === "" ? (
				<Stack gap={4}>
					<PageHead
						title={t`Welcome to Kloud`}
						lead={t`This Kloud has not been set up yet. When it started it printed a link that ends in a long secret. Open that link to go on.`}
					/>
					<Note
						quiet
					>{t`It stands in the terminal or the log of the machine that runs Kloud. Whoever holds it becomes the operator.`}</Note>
				</Stack>
			) : check.isPending ? (
				<Stack gap={4}>
					<Bone shape="title" />
					<Bone shape="long" />
					<Bone shape="block" />
				</Stack>
			) : check.isError ? (
				<Stack gap={4}>
					<PageHead title={t`This link does not work`} />
					<ProblemNote error={check.error} onRetry={() => void check.refetch()} />
				</Stack>
			) : (
				<SetupWizard token={token} />
			)}
		</DoorPage>
	);
}
