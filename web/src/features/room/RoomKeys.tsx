import { useLingui } from "@lingui/react/macro";
import { useRoom } from "@/features/room/context";
import { useHand } from "@/features/room/HandButton";
import { useRoomKeys } from "@/features/room/keys";
import { useLayoutWords } from "@/features/room/LayoutChoice";
import type { PanelName } from "@/features/room/model";
import { useNews } from "@/features/room/news";
import { toggleFullScreen } from "@/features/room/screen";
import type { OpenThings } from "@/features/room/things";
import { toast } from "@/ui/toasts";

type Props = { things: OpenThings; onPanel: (panel: PanelName) => void; onClose: () => void };

/** The keyboard's part of the room, and what is told by itself. It shows nothing. */
export function RoomKeys({ things, onPanel, onClose }: Props) {
	const { t } = useLingui();
	const { call, wishes, talk, isPushToTalk } = useRoom();
	const hand = useHand();
	const layouts = useLayoutWords();
	useNews();
	useRoomKeys({
		m: () => call.press("microphone"),
		v: () => call.press("camera"),
		h: () => void hand.toggle(),
		s: () => call.press("screen"),
		r: () => {
			if (call.view.get().rights.chat) things.toggle("reactions");
		},
		c: () => onPanel("chat"),
		p: () => onPanel("people"),
		l: () => {
			const { name } = layouts[wishes.nextMode()];
			toast(t`Layout: ${name}`);
		},
		f: toggleFullScreen,
		"?": () => things.toggle("keys"),
		close: onClose,
		turn: (by) => wishes.setPage(wishes.wish.get().page + by),
		hold: () => isPushToTalk.get() && talk.hold(),
		release: talk.release,
	});
	return null;
}
