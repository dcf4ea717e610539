import { useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Laptop } from "lucide-react";
import { api } from "@/api/client";
import type { Device } from "@/api/types";
import { useMinute } from "@/lib/clock";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Card, CardHead, Line, Lines } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";
import { toast } from "@/ui/toasts";

const devicesQuery = () => api.queryOptions("get", "/api/me/devices");

export function Devices() {
	const { t } = useLingui();
	const devices = useQuery(devicesQuery());
	const queries = useQueryClient();
	const refresh = () => queries.invalidateQueries(devicesQuery());
	const endOne = api.useMutation("delete", "/api/me/devices/{device_id}", { onSettled: refresh });
	const endOthers = api.useMutation("delete", "/api/me/devices", {
		onSuccess: ({ ended }) => toast(t`Signed out elsewhere: ${ended}`),
		onSettled: refresh,
	});
	const others = devices.data?.devices.filter(({ current }) => !current) ?? [];
	return (
		<Card>
			<CardHead title={t`Devices`}>
				{others.length > 0 ? (
					<Button size="small" isPending={endOthers.isPending} onPress={() => endOthers.mutate({})}>
						{t`Sign out everywhere else`}
					</Button>
				) : null}
			</CardHead>
			<ProblemNote inset error={endOne.error ?? endOthers.error} />
			{devices.isPending ? (
				<SkeletonLines count={2} />
			) : devices.isError ? (
				<ProblemNote inset error={devices.error} onRetry={() => void devices.refetch()} />
			) : (
				<Lines label={t`Devices`}>
					{devices.data.devices.map((device) => (
						<DeviceLine
							key={device.device_id}
							device={device}
							onEnd={() => endOne.mutate({ params: { path: { device_id: device.device_id } } })}
						/>
					))}
				</Lines>
			)}
		</Card>
	);
}

function DeviceLine({ device, onEnd }: { device: Device; onEnd: () => void }) {
	const { t } = useLingui();
	const format = useFormat();
	const now = useMinute();
	const used = device.current ? t`in use now` : t`last used ${format.ago(device.last_used_at, now)}`;
	const since = t`since ${format.day(device.created_at)}`;
	return (
		<Line
			icon={<Laptop aria-hidden />}
			title={device.label}
			detail={[device.place, since, used].filter(Boolean).join(" · ")}
		>
			{device.current ? (
				<Chip tone="accent">{t`This device`}</Chip>
			) : (
				<Button size="small" onPress={onEnd} aria-label={t`Sign out ${device.label}`}>
					{t`Sign out`}
				</Button>
			)}
		</Line>
	);
}
