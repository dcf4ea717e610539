import { useLingui } from "@lingui/react/macro";
import { CalendarArrowDown, Copy, Eye, KeyRound, Link2 } from "lucide-react";
import type { Meeting } from "@/api/types";
import { useInvitation } from "@/lib/invitation";
import { meetingLink } from "@/lib/meeting-code";
import { Button, buttonClass } from "@/ui/Button";
import { Card, CardHead, Line, Lines, Row } from "@/ui/Layout";
import { useCopy } from "@/ui/use-copy";

/** What one gives to whom one wants to meet. */
export function Invitation({ meeting }: { meeting: Meeting }) {
	const { t } = useLingui();
	const copy = useCopy();
	const invitation = useInvitation();
	const { code, passcode, starts_at } = meeting;
	const link = meetingLink(code, location.origin);
	const door =
		meeting.admission === "link"
			? t`Everyone with the link, without an account`
			: t`Whoever the host lets in, without an account`;
	return (
		<Card>
			<CardHead title={t`Invitation`}>
				<Row gap={2} wrap>
					{starts_at ? (
						<a
							className={buttonClass({ size: "small" })}
							href={`/api/meetings/${code}/invite.ics`}
							download={`${code}.ics`}
						>
							<CalendarArrowDown aria-hidden />
							{t`For the calendar`}
						</a>
					) : null}
					<Button
						size="small"
						look="primary"
						onPress={() => copy(invitation(meeting, location.origin), t`Invitation copied`)}
					>
						<Copy aria-hidden />
						{t`Copy invitation`}
					</Button>
				</Row>
			</CardHead>
			<Lines>
				<Line wide icon={<Link2 aria-hidden />} title={link} detail={t`Code ${code}`}>
					<Button size="small" onPress={() => copy(link, t`Link copied`)}>
						{t`Copy link`}
					</Button>
				</Line>
				{passcode ? (
					<Line
						icon={<KeyRound aria-hidden />}
						title={passcode}
						detail={t`The passcode. It is part of the invitation.`}
					/>
				) : null}
				<Line
					icon={<Eye aria-hidden />}
					title={door}
					detail={meeting.role === "host" ? t`You are the host` : undefined}
				/>
			</Lines>
		</Card>
	);
}
