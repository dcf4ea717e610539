import { useQueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import { doorQuery } from "@/api/queries";
import type { Door, Seat } from "@/api/types";
import type { Visit } from "@/app/meeting/visit";
import { ChatNews } from "@/features/chat/ChatNews";
import { ChatPanel } from "@/features/chat/ChatPanel";
import { ChatPeek } from "@/features/chat/ChatPeek";
import { Room } from "@/features/room/Room";

type Props = { visit: Visit; seat: Seat; door: Door | undefined };

/** The room with the chat in its places: neither knows the other. */
export function MeetingRoom({ visit: { code, session, call }, seat, door }: Props) {
	const queries = useQueryClient();
	const conversationId = seat.conversation_id;
	const agree = async () => {
		// Agreed to is what stands there, not what may have come since.
		if (!door) return;
		const { error } = await client.PUT("/api/meetings/{code}/seat/policy", {
			params: { path: { code } },
			body: { version: door.policy.version },
		});
		if (error) {
			await queries.invalidateQueries(doorQuery(code));
			throw error;
		}
		await session.refresh();
	};
	return (
		<>
			<Room
				code={code}
				seat={seat}
				door={door}
				session={session}
				call={call}
				chat={
					<ChatPanel
						conversationId={conversationId}
						policy={door?.policy}
						isHost={seat.role === "host" || seat.role === "co_host"}
						mayWrite={seat.rights.chat}
						onAgree={agree}
					/>
				}
				chatPeek={(onOpen) => <ChatPeek conversationId={conversationId} onOpen={onOpen} />}
			/>
			<ChatNews conversationId={conversationId} />
		</>
	);
}
