import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Message } from "@/api/types";
import styles from "@/features/chat/chat.module.css";
import { partsOf } from "@/features/chat/model";
import { useFormat } from "@/lib/format";
import { Avatar } from "@/ui/Avatar";
import { classes } from "@/ui/classes";

type Props = { message: Message; isFirst: boolean; isEdited?: boolean; menu?: ReactNode };

export function MessageLine({ message, isFirst, isEdited, menu }: Props) {
	const { t } = useLingui();
	const format = useFormat();
	const name = message.sender_name ?? t`A former participant`;
	return (
		<li
			className={classes(styles.message, !isFirst && styles.follows, isEdited && styles.edited)}
			title={isFirst ? undefined : format.time(message.at)}
		>
			{isFirst ? <Avatar name={message.sender_name} size="s" /> : <span />}
			<div className={styles.said}>
				{isFirst ? (
					<div className={styles.messageHead}>
						<b>{message.is_you ? t`You` : name}</b>{" "}
						<time dateTime={message.at}>{format.time(message.at)}</time>
					</div>
				) : null}
				<Body message={message} />
			</div>
			{menu}
		</li>
	);
}

function Body({ message: { body, edited_at } }: { message: Message }) {
	const { t } = useLingui();
	const format = useFormat();
	const gone = {
		deleted: t`Deleted`,
		erased: t`Erased by its author`,
		broken: t`This message cannot be opened`,
	};
	if (body.state !== "open") return <p className={styles.messageGone}>{gone[body.state]}</p>;
	return (
		<p className={styles.messageText}>
			<WithLinks text={body.text} />
			{edited_at ? (
				<>
					{" "}
					<time className={styles.mark} dateTime={edited_at} title={format.moment(edited_at)}>
						{t`edited`}
					</time>
				</>
			) : null}
		</p>
	);
}

export function WithLinks({ text }: { text: string }) {
	return partsOf(text).map((part, at) =>
		part.kind === "link" ? (
			// biome-ignore lint/suspicious/noArrayIndexKey: a part of a text is its place
			<a key={at} href={part.text} target="_blank" rel="noopener noreferrer nofollow">
				{part.text}
			</a>
		) : (
			part.text
		),
	);
}
