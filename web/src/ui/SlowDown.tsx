import { useLingui } from "@lingui/react/macro";
import { useSeconds } from "@/lib/clock";
import { useFormat } from "@/lib/format";
import { problemOf } from "@/lib/problem";
import { Note } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";

/** Seconds until the server listens again; 0 when it does. */
export function useSlowDown(error: unknown, askedAt: number): number {
	const now = useSeconds();
	if (!error) return 0;
	const { code, params } = problemOf(error);
	if (code !== "too_many_attempts") return 0;
	const until = askedAt / 1000 + Number(params.retry_after_seconds ?? 60);
	return Math.max(0, Math.ceil(until - now));
}

/** The failure in words; a wait is counted down, and says why there is one. */
export function SlowDown({ error, secondsLeft }: { error: unknown; secondsLeft: number }) {
	const { t } = useLingui();
	const format = useFormat();
	if (!error) return null;
	if (problemOf(error).code !== "too_many_attempts") return <ProblemNote error={error} />;
	if (secondsLeft === 0) return <Note>{t`You can try again now.`}</Note>;
	return (
		<Note tone="warn">
			{t`Too many attempts. This slows down whoever guesses passwords. Try again in ${format.countdown(secondsLeft)}.`}
		</Note>
	);
}
