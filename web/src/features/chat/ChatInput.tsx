import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { SendHorizontal } from "lucide-react";
import { useState } from "react";
import { sendMessage } from "@/api/messages";
import styles from "@/features/chat/chat.module.css";
import { IconButton } from "@/ui/Button";

const longestMessage = 4000;

/** Where a keyboard stands ready one opens the chat to write; on a phone it would cover what is to be read. */
const focusForKeyboards = (element: HTMLTextAreaElement | null) => {
	if (globalThis.matchMedia?.("(pointer: fine)").matches) element?.focus();
};

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
				ref={focusForKeyboards}
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
