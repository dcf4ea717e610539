import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { api } from "@/api/client";
import { meQuery } from "@/api/queries";
import { useReauthentication } from "@/features/me/Reauthentication";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Card, Line, Lines } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { RecoveryCodes } from "@/ui/RecoveryCodes";

export function NewCodes() {
	const { t } = useLingui();
	const { data: me } = useSuspenseQuery(meQuery());
	const queries = useQueryClient();
	const reauthentication = useReauthentication();
	const make = api.useMutation("post", "/api/me/recovery-codes", {
		onError: reauthentication.askThen(() => make.mutate({})),
	});
	const kept = async () => {
		make.reset();
		await queries.invalidateQueries(meQuery());
	};
	return (
		<Card>
			<Lines>
				<Line
					icon={<KeyRound aria-hidden />}
					title={t`Recovery codes`}
					detail={plural(me.recovery_codes_left, {
						one: "# is left. New ones replace it.",
						other: "# are left. New ones replace them all.",
					})}
				>
					<Button isPending={make.isPending} onPress={() => make.mutate({})}>
						{t`Make new codes`}
					</Button>
				</Line>
			</Lines>
			<ProblemNote inset error={reauthentication.failure(make.error)} />
			{reauthentication.dialog}
			<Dialog
				title={t`Keep these codes`}
				isOpen={make.data !== undefined}
				onClose={() => void kept()}
				width="wide"
				alert
			>
				<RecoveryCodes codes={make.data?.recovery_codes ?? []} onKept={() => void kept()} />
			</Dialog>
		</Card>
	);
}
