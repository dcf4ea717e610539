import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { LogOut } from "lucide-react";
import { api } from "@/api/client";
import { stopFollowing } from "@/api/live";
import { Button } from "@/ui/Button";
import { Row } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";

export function SignOut() {
	const { t } = useLingui();
	const queries = useQueryClient();
	const navigate = useNavigate();
	const signOut = api.useMutation("delete", "/api/sessions/current", {
		onSuccess: async () => {
			stopFollowing();
			await navigate({ to: "/sign-in", replace: true });
			queries.clear();
		},
	});
	return (
		<Row gap={3}>
			<Button isPending={signOut.isPending} onPress={() => signOut.mutate({})}>
				<LogOut aria-hidden />
				{t`Sign out on this device`}
			</Button>
			<ProblemNote error={signOut.error} />
		</Row>
	);
}
