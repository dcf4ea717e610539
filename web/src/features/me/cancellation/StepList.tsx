import { useLingui } from "@lingui/react/macro";
import { Circle, CircleCheck, CircleDashed } from "lucide-react";
import type { CancellationStatus } from "@/api/types";
import { stepsOf } from "@/features/me/cancellation/model";
import { useCancelWords } from "@/features/me/cancellation/words";
import { useFormat } from "@/lib/format";
import { Line, Lines, Text } from "@/ui/Layout";

export function StepList({ status }: { status: CancellationStatus }) {
	const { t } = useLingui();
	const words = useCancelWords();
	const format = useFormat();
	return (
		<Lines label={t`Steps`}>
			{stepsOf(status).map(({ state, at, isDone, isNow }) => {
				const Icon = isDone ? CircleCheck : isNow ? CircleDashed : Circle;
				return (
					<Line
						key={state}
						icon={<Icon aria-label={isDone ? t`Done` : isNow ? t`Now` : t`Later`} />}
						title={words.state(state)}
					>
						{at ? (
							<Text size={13} tone="quiet" as="span">
								{format.moment(at)}
							</Text>
						) : null}
					</Line>
				);
			})}
		</Lines>
	);
}
