import { useLingui } from "@lingui/react/macro";
import { useProblemWords } from "@/lib/problem-words";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";

type Props = {
	error: unknown;
	onRetry?: () => void /** In a card that has no space of its own. */;
	inset?: boolean;
};

/** What went wrong, what is safe, what to do; with a way to try again where that can help. */
export function ProblemNote({ error, onRetry, inset }: Props) {
	const { t } = useLingui();
	const words = useProblemWords();
	if (!error) return null;
	return (
		<Note
			tone="bad"
			inset={inset}
			action={onRetry ? <Button size="small" onPress={onRetry}>{t`Try again`}</Button> : undefined}
		>
			{words(error)}
		</Note>
	);
}
