import { useLingui } from "@lingui/react/macro";
import { CalendarPlus, Video } from "lucide-react";
import { api } from "@/api/client";
import type { Recap } from "@/api/types";
import { Button } from "@/ui/Button";
import { Card, Stack, Text } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";

/** What comes next: the same again now, or another time. */
export function MeetAgain({ recap, onPlan }: { recap: Recap; onPlan: () => void }) {
	const { t } = useLingui();
	const create = api.useMutation("post", "/api/meetings", {
		onSuccess: ({ code }) => location.assign(`/m/${code}`),
	});
	return (
		<Card pad label={t`Meet again`}>
			<Stack gap={3}>
				<h2>{t`Meet again`}</h2>
				<Text size={13} tone="quiet">{t`A new meeting has a new link; nothing of this one goes along.`}</Text>
				<Button
					isPending={create.isPending}
					onPress={() => create.mutate({ body: { title: recap.title, admission: "link" } })}
				>
					<Video aria-hidden />
					{t`Meet now`}
				</Button>
				<Button onPress={onPlan}>
					<CalendarPlus aria-hidden />
					{t`Plan a meeting`}
				</Button>
				<ProblemNote error={create.error} />
			</Stack>
		</Card>
	);
}
