import { useLingui } from "@lingui/react/macro";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { Meeting } from "@/api/types";
import { useChange } from "@/features/meetings/change";
import styles from "@/features/meetings/meetings.module.css";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Form } from "@/ui/Form";
import { Line, Lines, Row } from "@/ui/Layout";
import { ProblemNote } from "@/ui/ProblemNote";

/** A word that whoever has the link must also know. */
export function Passcode({ meeting }: { meeting: Meeting }) {
	const { t } = useLingui();
	const { change, error, isPending } = useChange(meeting);
	const [isOpen, setOpen] = useState(false);
	const [text, setText] = useState("");
	const passcode = meeting.passcode ?? "";
	return (
		<div>
			<Lines>
				<Line
					wide
					icon={<KeyRound aria-hidden />}
					title={passcode ? t`Passcode: ${passcode}` : t`No passcode`}
					detail={t`Whoever has the link must know it, too.`}
				>
					<Row gap={2}>
						{passcode ? (
							<Button size="small" onPress={() => change({ passcode: "" }, { passcode })}>
								{t`Take away`}
							</Button>
						) : null}
						<Button size="small" onPress={() => setOpen(!isOpen)} aria-expanded={isOpen}>
							{passcode ? t`Change` : t`Set one`}
						</Button>
					</Row>
				</Line>
			</Lines>
			{isOpen ? (
				<Form onSubmit={() => change({ passcode: text.trim() }, { passcode }, () => setOpen(false))}>
					<div className={styles.passcode}>
						<Field
							label={t`New passcode`}
							labelHidden
							placeholder={t`4 to 32 characters`}
							isPlain
							isRequired
							autoComplete="off"
							autoFocus
							minLength={4}
							maxLength={32}
							value={text}
							onChange={setText}
						/>
						<Button type="submit" look="primary" isPending={isPending}>
							{t`Save`}
						</Button>
					</div>
				</Form>
			) : null}
			<ProblemNote error={error} />
		</div>
	);
}
