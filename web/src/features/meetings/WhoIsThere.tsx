import { useLingui } from "@lingui/react/macro";
import { Users } from "lucide-react";
import type { Door, Meeting } from "@/api/types";
import { useMeetingWords } from "@/lib/meeting-words";
import { Avatar } from "@/ui/Avatar";
import { Card, CardHead, Line, Lines } from "@/ui/Layout";
import { Empty } from "@/ui/Note";

/** Who is inside now: names by the rule of the door, or how many. */
export function WhoIsThere({ meeting, door }: { meeting: Meeting; door: Door | undefined }) {
	const { t } = useLingui();
	const words = useMeetingWords();
	const names = door?.inside.names;
	return (
		<Card>
			<CardHead title={t`Inside now`} />
			{names?.length ? (
				<Lines label={t`Inside now`}>
					{names.map((name, at) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: two people may have one name
						<Line key={`${name} ${at}`} icon={<Avatar name={name} />} title={name} />
					))}
				</Lines>
			) : (
				<Empty icon={<Users aria-hidden />}>{words.inside(meeting.inside)}</Empty>
			)}
		</Card>
	);
}
