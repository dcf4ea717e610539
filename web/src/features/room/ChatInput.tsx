import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { SendHorizontal } from "lucide-react";
import { useState } from "react";
import { sendMessage } from "@/api/messages";
import styles from "@/features/room/room.module.css";
import { IconButton } from "@/ui/Button";

const longestMessage = 4000;

export function ChatInput({ conversationId }: { conversationId: string }) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const [text, setText] = useState("");
	const send = () => {
		const trimmed = text.trim();
		if (!trimmed) return;
		setText("");
		const message = {
			client_id: crypto.randomUUID(),
			text: trimmed,
			at: new Date().toISOString(),
			state: "sending" as const,
		};
		void sendMessage(queries, conversationId, message);
	};
	return (
		<form
			className={styles.input}
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<textarea
				aria-label={t`Message everyone here`}
				placeholder={t`Message everyone here`}
				rows={1}
				maxLength={longestMessage}
				value={text}
				onChange={(event) => setText(event.target.value)}
				onKeyDown={(event) => {
					// While a Chinese word is being composed, Enter chooses it.
					if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
					event.preventDefault();
					send();
				}}
			/>
			<IconButton type="submit" size="small" label={t`Send`} isDisabled={text.trim() === ""}>
				<SendHorizontal />
			</IconButton>
		</form>
	);
}
