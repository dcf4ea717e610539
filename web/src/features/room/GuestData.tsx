import { useLingui } from "@lingui/react/macro";
import { api } from "@/api/client";
import { Button } from "@/ui/Button";
import { DataGroups } from "@/ui/DataGroups";
import { Dialog } from "@/ui/Dialog";
import { Row, Stack, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

type Props = { code: string; isOpen: boolean; onClose: () => void; onErase: () => void };

/** All that is held about a guest, for as long as their cookie lives. */
export function GuestData({ code, isOpen, onClose, onErase }: Props) {
	const { t } = useLingui();
	const data = api.useQuery(
		"get",
		"/api/meetings/{code}/seat/data",
		{ params: { path: { code } } },
		{ enabled: isOpen, staleTime: 0 },
	);
	return (
		<Dialog title={t`My data in this meeting`} isOpen={isOpen} onClose={onClose} width="large">
			<Stack gap={4}>
				<Text tone="quiet">
					{t`All that Kloud holds about you. You have no account, so this page is here as long as you are in this meeting's browser.`}
				</Text>
				{data.isError ? (
					<ProblemNote error={data.error} onRetry={() => void data.refetch()} />
				) : data.data ? (
					<DataGroups values={data.data.values} />
				) : (
					<SkeletonLines />
				)}
				<Row align="end">
					<Button look="bad" onPress={onErase}>
						{t`Leave and erase me`}
					</Button>
				</Row>
			</Stack>
		</Dialog>
	);
}
