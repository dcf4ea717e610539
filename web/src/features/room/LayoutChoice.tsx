import { useLingui } from "@lingui/react/macro";
import type { LayoutMode, SelfView } from "@/call/layout";
import { useRoom } from "@/features/room/context";
import { useStore } from "@/lib/use-store";
import { Choice } from "@/ui/Choice";
import { Dialog } from "@/ui/Dialog";
import { Line, Lines, Stack } from "@/ui/Layout";
import { Switch } from "@/ui/Switch";

export function useLayoutWords(): Record<LayoutMode, { name: string; detail: string }> {
	const { t } = useLingui();
	return {
		auto: { name: t`By itself`, detail: t`Faces in a grid; a shared screen or whom you pin is large.` },
		grid: { name: t`Grid`, detail: t`Everyone and every shared screen the same size.` },
		speaker: { name: t`Speaker`, detail: t`Who speaks is large, the others in a strip.` },
	};
}

export function LayoutChoice({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
	const { t } = useLingui();
	const { wishes, saysSpeaker, isSoundFirst } = useRoom();
	const { mode, self } = useStore(wishes.wish);
	const words = useLayoutWords();
	const selves: Record<SelfView, string> = {
		grid: t`Among the others`,
		floating: t`Floating, where I put it`,
		hidden: t`Hidden from me; others still see it`,
	};
	return (
		<Dialog title={t`Layout`} isOpen={isOpen} onClose={onClose}>
			<Stack gap={5}>
				<Choice
					label={t`How the room is laid out`}
					value={mode}
					onChange={(next) => wishes.setMode(next)}
					options={(["auto", "grid", "speaker"] as const).map((id) => ({ id, ...words[id] }))}
				/>
				<Choice
					label={t`My own picture`}
					value={self}
					onChange={(next) => wishes.setSelf(next)}
					options={(["grid", "floating", "hidden"] as const).map((id) => ({ id, name: selves[id] }))}
				/>
				<Lines label={t`Pictures of others`}>
					<Line
						title={t`Sound first`}
						detail={t`No faces, only a shared screen: for a weak or costly connection. Others still see you.`}
					>
						<Switch
							label={t`Sound first`}
							isSelected={useStore(isSoundFirst)}
							onChange={(on) => isSoundFirst.set(on)}
						/>
					</Line>
				</Lines>
				<Lines label={t`For screen readers`}>
					<Line title={t`Say who speaks`} detail={t`Read out by a screen reader when it changes.`}>
						<Switch
							label={t`Say who speaks`}
							isSelected={useStore(saysSpeaker)}
							onChange={(on) => saysSpeaker.set(on)}
						/>
					</Line>
				</Lines>
			</Stack>
		</Dialog>
	);
}
