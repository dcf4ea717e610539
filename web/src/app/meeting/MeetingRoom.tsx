import type { Door, Seat } from "@/api/types";
import type { Visit } from "@/app/meeting/visit";
import { ChatPanel } from "@/features/chat/ChatPanel";
import { ChatPeek } from "@/features/chat/ChatPeek";
import { Room } from "@/features/room/Room";

type Props = { visit: Visit; seat: Seat; door: Door | undefined };

/** The room with the chat in its places: neither knows the other. */
export function MeetingRoom({ visit: { code, session, call }, seat, door }: Props) {
	const conversationId = seat.conversation_id;
	return (
		<Room
			code={code}
			seat={seat}
			door={door}
			session={session}
			call={call}
			chat={<ChatPanel conversationId={conversationId} policy={door?.policy} />}
			chatPeek={(onOpen) => <ChatPeek conversationId={conversationId} onOpen={onOpen} />}
		/>
	);
}
