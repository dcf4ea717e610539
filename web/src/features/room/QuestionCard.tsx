import type { ReactNode } from "react";
import styles from "@/features/room/cards.module.css";
import { Button } from "@/ui/Button";
import { Answers } from "@/ui/Dialog";
import { focusOnce } from "@/ui/Layout";

type Props = {
	id: string;
	icon: ReactNode;
	title: string;
	children: ReactNode;
	no: string;
	yes: string;
	onAnswer: (yes: boolean) => void;
	/** A question that Escape does not answer. */
	mustAnswer?: boolean;
};

/** A question over the room that covers nobody's face: why, and two answers of the same size. */
export function QuestionCard({ id, icon, title, children, no, yes, onAnswer, mustAnswer }: Props) {
	return (
		<div className={styles.place}>
			<section
				className={styles.card}
				data-theme="light"
				role="alertdialog"
				aria-labelledby={`${id}-title`}
				aria-describedby={`${id}-why`}
				tabIndex={-1}
				ref={focusOnce}
				onKeyDown={(event) => {
					if (event.key !== "Escape" || mustAnswer) return;
					event.stopPropagation();
					onAnswer(false);
				}}
			>
				<div className={styles.title}>
					{icon}
					<h2 id={`${id}-title`}>{title}</h2>
				</div>
				<div id={`${id}-why`} className={styles.why}>
					{children}
				</div>
				<Answers>
					<Button onPress={() => onAnswer(false)}>{no}</Button>
					<Button onPress={() => onAnswer(true)}>{yes}</Button>
				</Answers>
			</section>
		</div>
	);
}
