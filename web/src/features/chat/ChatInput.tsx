import { useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, SendHorizontal, X } from "lucide-react";
import { type KeyboardEvent, lazy, Suspense, useRef, useState } from "react";
import { editMessage, sendMessage } from "@/api/messages";
import type { Message } from "@/api/types";
import styles from "@/features/chat/chat.module.css";
import { IconButton } from "@/ui/Button";
import { ProblemNote } from "@/ui/ProblemNote";

const EmojiButton = lazy(() =>
	import("@/features/chat/EmojiButton").then((file) => ({ default: file.EmojiButton })),
);

const longestMessage = 4000;

/** Where a keyboard stands ready one opens the chat to write; on a phone it would cover what is to be read. */
const hasKeyboard = () => globalThis.matchMedia?.("(pointer: fine)").matches ?? false;

/** What was begun stays while the panel is shut; for this page alone. */
const drafts = new Map<string, string>();

type Props = {
	conversationId: string;
	/** Written anew instead of a new one. */
	editing: Message | null;
	onEdit: () => void;
	onEdited: () => void;
};

export function ChatInput({ conversationId, editing, onEdit, onEdited }: Props) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const field = useRef<HTMLTextAreaElement>(null);
	const before = editing?.body.state === "open" ? editing.body.text : null;
	const [text, setText] = useState(before ?? drafts.get(conversationId) ?? "");
	const edit = useMutation({
		mutationFn: (next: string) =>
			editing ? editMessage(queries, conversationId, editing, next) : Promise.resolve(),
		onSuccess: onEdited,
		networkMode: "always",
	});
	const write = (next: string) => {
		setText(next);
		if (!editing) drafts.set(conversationId, next);
	};
	const send = () => {
		const trimmed = text.trim();
		if (!trimmed) return;
		if (editing) return trimmed === before ? onEdited() : edit.mutate(trimmed);
		write("");
		const at = new Date().toISOString();
		const message = { client_id: crypto.randomUUID(), text: trimmed, at, state: "sending" as const };
		void sendMessage(queries, conversationId, message);
	};
	const insert = (piece: string) => {
		const { selectionStart = text.length, selectionEnd = text.length } = field.current ?? {};
		write((text.slice(0, selectionStart) + piece + text.slice(selectionEnd)).slice(0, longestMessage));
		field.current?.focus();
	};
	const onKey = (event: KeyboardEvent) => {
		// While a Chinese word is being composed, Enter chooses it.
		if (event.nativeEvent.isComposing) return;
		const act =
			event.key === "Enter" && !event.shiftKey
				? send
				: event.key === "ArrowUp" && !editing && text === ""
					? onEdit
					: event.key === "Escape" && editing
						? onEdited
						: null;
		if (!act) return;
		event.preventDefault();
		event.stopPropagation();
		act();
	};
	const label = editing ? t`Edit your message` : t`Message everyone here`;
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			{editing ? (
				<div className={styles.editing}>
					<span>{t`You edit a message. Everyone sees that it was edited.`}</span>
					<IconButton size="small" label={t`Leave it as it was`} onPress={onEdited}>
						<X />
					</IconButton>
				</div>
			) : null}
			<ProblemNote error={edit.error} />
			<div className={styles.input}>
				<textarea
					ref={field}
					id="chat-field"
					// biome-ignore lint/a11y/noAutofocus: the chat is opened to write, and an edit is begun to be written
					autoFocus={editing !== null || hasKeyboard()}
					onFocus={({ currentTarget }) =>
						currentTarget.setSelectionRange(currentTarget.value.length, currentTarget.value.length)
					}
					aria-label={label}
					placeholder={label}
					rows={1}
					maxLength={longestMessage}
					value={text}
					onChange={(event) => write(event.target.value)}
					onKeyDown={onKey}
				/>
				<Suspense>
					<EmojiButton onPick={insert} />
				</Suspense>
				<IconButton
					type="submit"
					size="small"
					label={editing ? t`Save` : t`Send`}
					isDisabled={text.trim() === ""}
				>
					{editing ? <Check /> : <SendHorizontal />}
				</IconButton>
			</div>
		</form>
	);
}
