import { useLingui } from "@lingui/react/macro";
import type { Tile } from "@/call/tiles";
import { useRoom } from "@/features/room/context";
import { useStore } from "@/lib/use-store";
import { Unseen } from "@/ui/Layout";

/** Who speaks, for those who do not see it: only when it has changed for a while. */
export function SpeakerWords({ tiles }: { tiles: readonly Tile[] }) {
	const { t } = useLingui();
	const { call, saysSpeaker } = useRoom();
	const speaker = useStore(call.speaker);
	const isWanted = useStore(saysSpeaker);
	const name = tiles.find(({ identity }) => identity === speaker)?.name;
	return (
		<div role="status" data-speaker-words>
			<Unseen>{isWanted && name ? t`${name} is speaking` : ""}</Unseen>
		</div>
	);
}
