import { useLingui } from "@lingui/react/macro";
import { useSuspenseQuery } from "@tanstack/react-query";
import { CalendarPlus, MapPinOff, MicOff, VideoOff } from "lucide-react";
import { meQuery } from "@/api/queries";
import styles from "@/features/home/home.module.css";
import { JoinField } from "@/features/home/JoinField";
import { Meetings } from "@/features/home/Meetings";
import { greetingAt } from "@/features/home/model";
import { NewMeeting } from "@/features/home/NewMeeting";
import { useMinute } from "@/lib/clock";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/Button";
import { PageHead } from "@/ui/Layout";
import { Quiet } from "@/ui/Note";
import { Page } from "@/ui/Page";

export function Home({ onPlan }: { onPlan: () => void }) {
	const { t } = useLingui();
	const format = useFormat();
	const now = useMinute();
	const { data: me } = useSuspenseQuery(meQuery());
	const hello = {
		morning: t`Good morning, ${me.nickname}`,
		day: t`Good afternoon, ${me.nickname}`,
		evening: t`Good evening, ${me.nickname}`,
	};
	return (
		<Page>
			<title>{t`Home · Kloud`}</title>
			<PageHead above={format.weekday(now)} title={hello[greetingAt(now)]}>
				<div className={styles.desk}>
					<EverythingOff />
				</div>
			</PageHead>
			<div className={styles.start}>
				<NewMeeting />
				<JoinField />
				<Button look="ghost" size="large" onPress={onPlan}>
					<CalendarPlus aria-hidden />
					{t`Plan a meeting`}
				</Button>
			</div>
			<Meetings now={now} onPlan={onPlan} />
			<div className={styles.hand}>
				<EverythingOff />
			</div>
		</Page>
	);
}

function EverythingOff() {
	const { t } = useLingui();
	return (
		<Quiet center>
			<MicOff aria-hidden />
			<VideoOff aria-hidden />
			<MapPinOff aria-hidden />
			{t`Everything is off. You decide, each time.`}
		</Quiet>
	);
}
