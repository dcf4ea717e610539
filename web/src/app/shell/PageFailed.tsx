import { useLingui } from "@lingui/react/macro";
import { useRouter } from "@tanstack/react-router";
import { DoorPage } from "@/ui/Brand";
import { Stack } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";

/** A page that could not be loaded at all. */
export function PageFailed({ error }: { error: unknown }) {
	const { t } = useLingui();
	const router = useRouter();
	return (
		<DoorPage>
			<title>{t`Not loaded · Kloud`}</title>
			<Stack gap={4}>
				<h1>{t`This page did not load`}</h1>
				<ProblemNote error={error} onRetry={() => void router.invalidate()} />
			</Stack>
		</DoorPage>
	);
}
