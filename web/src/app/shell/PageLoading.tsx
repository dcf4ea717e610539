import { DoorPage } from "@/ui/Brand";
import { Stack } from "@/ui/Layout";
import { Bone, SkeletonLines } from "@/ui/Skeleton";

export function PageLoading() {
	return (
		<DoorPage width="wizard">
			<Stack gap={5}>
				<Bone shape="title" />
				<SkeletonLines />
			</Stack>
		</DoorPage>
	);
}
