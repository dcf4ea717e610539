import { useLingui } from "@lingui/react/macro";
import { Copy, Eye, Link2 } from "lucide-react";
import type { Meeting } from "@/api/types";
import { meetingLink } from "@/lib/meeting-code";
import { Button } from "@/ui/Button";
import { Card, CardHead, Line, Lines } from "@/ui/Layout";
import { useCopy } from "@/ui/use-copy";

export function MeetingLinkCard({ meeting }: { meeting: Meeting }) {
	const { t } = useLingui();
	const link = meetingLink(meeting.code, location.origin);
	const copy = useCopy();
	const door =
		meeting.state === "ended"
			? t`Nobody: the meeting ended`
			: meeting.admission === "link"
				? t`Everyone with the link, without an account`
				: t`Whoever the host lets in, without an account`;
	return (
		<Card>
			<CardHead title={t`Who can join`} />
			<Lines>
				<Line wide icon={<Link2 aria-hidden />} title={link} detail={t`Code ${meeting.code}`}>
					{meeting.state === "ended" ? null : (
						<Button onPress={() => copy(link, t`Link copied`)}>
							<Copy aria-hidden />
							{t`Copy link`}
						</Button>
					)}
				</Line>
				<Line
					icon={<Eye aria-hidden />}
					title={door}
					detail={meeting.role === "host" ? t`You are the host` : undefined}
				/>
			</Lines>
		</Card>
	);
}
