import { ChatHistory } from "@/features/chat/ChatHistory";
import { MeetAgain } from "@/features/recap/MeetAgain";
import { Recap } from "@/features/recap/Recap";

type Props = { code: string; narrow?: boolean /** For those who can make meetings. */; onPlan?: () => void };

/** The recap with the chat in its place: neither knows the other. */
export function MeetingRecap({ code, narrow, onPlan }: Props) {
	return (
		<Recap
			code={code}
			narrow={narrow}
			chat={(conversationId) => <ChatHistory conversationId={conversationId} />}
			next={onPlan && ((recap) => <MeetAgain recap={recap} onPlan={onPlan} />)}
		/>
	);
}
