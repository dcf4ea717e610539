import { useLingui } from "@lingui/react/macro";
import { Download } from "lucide-react";
import { useState } from "react";
import { api } from "@/api/client";
import { useReauthentication } from "@/features/me/Reauthentication";
import { downloadFrom } from "@/lib/download";
import { Button } from "@/ui/Button";
import { Row, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { Working } from "@/ui/Steps";

/** A copy of everything, made by the server in its own time; this looks whether it is ready. */
export function TakeCopy({ label }: { label: string }) {
	const { t } = useLingui();
	const reauthentication = useReauthentication();
	const [exportId, setExportId] = useState<string | null>(null);
	const start = api.useMutation("post", "/api/me/exports", {
		onSuccess: ({ export_id }) => setExportId(export_id),
		onError: reauthentication.askThen(() => start.mutate({})),
	});
	const made = api.useQuery(
		"get",
		"/api/me/exports/{id}",
		{ params: { path: { id: exportId ?? "" } } },
		{
			enabled: exportId !== null,
			staleTime: 0,
			refetchInterval: ({ state }) => (state.data?.state === "preparing" || !state.data ? 1000 : false),
		},
	);
	const state = exportId === null ? "none" : (made.data?.state ?? "preparing");
	return (
		<>
			{state === "preparing" ? (
				<Working label={t`Your copy is being made. You can go on meanwhile.`} />
			) : state === "ready" ? (
				<Row gap={3} wrap>
					<Text size={13} tone="good" as="span">
						{t`Ready`}
					</Text>
					<Button onPress={() => downloadFrom(`/api/me/exports/${exportId}/file`, "kloud-copy.zip")}>
						<Download aria-hidden />
						{t`Download`}
					</Button>
				</Row>
			) : (
				<Row gap={3} wrap>
					{state === "failed" ? (
						<Text size={13} tone="bad" as="span">{t`It could not be made. Nothing is lost; try again.`}</Text>
					) : null}
					<Button isPending={start.isPending} onPress={() => start.mutate({})}>
						<Download aria-hidden />
						{label}
					</Button>
				</Row>
			)}
			<ProblemNote error={reauthentication.failure(start.error) ?? made.error} />
			{reauthentication.dialog}
		</>
	);
}
