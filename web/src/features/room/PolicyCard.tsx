import { useLingui } from "@lingui/react/macro";
import { FileText } from "lucide-react";
import type { Policy } from "@/api/types";
import { useRoom } from "@/features/room/context";
import { QuestionCard } from "@/features/room/QuestionCard";
import { useOwnSeat } from "@/features/room/seat";
import { usePolicyWords } from "@/lib/policy-words";
import { useProblemWords } from "@/lib/problem-words";
import { toast } from "@/ui/toasts";

/** What the meeting keeps is no longer what one came in on: to stay is to accept it, and to leave is as near. */
export function PolicyCard({ policy }: { policy: Policy | undefined }) {
	const { t } = useLingui();
	const { session } = useRoom();
	const seat = useOwnSeat();
	const words = usePolicyWords();
	const problem = useProblemWords();
	if (seat.policy.accepted || !policy) return null;
	const answer = (stay: boolean) => {
		if (!stay) return void session.leave();
		session.accept(seat.policy.version).catch((error: unknown) => toast(problem(error)));
		document.getElementById("main")?.focus();
	};
	return (
		<QuestionCard
			id="policy"
			icon={<FileText aria-hidden />}
			title={t`What this meeting keeps has changed`}
			no={t`Leave`}
			yes={t`Stay with this`}
			onAnswer={answer}
			mustAnswer
		>
			<ul>
				<li>{t`Chat: ${words.chat(policy)}`}</li>
				<li>{t`Attendance: ${words.attendance(policy)}`}</li>
			</ul>
			<p>{t`Until you answer you see and hear all, but you cannot write, and nothing of your attendance is kept.`}</p>
		</QuestionCard>
	);
}
