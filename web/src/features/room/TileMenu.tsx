import { useLingui } from "@lingui/react/macro";
import { Ellipsis, EyeOff, Grid2x2, PictureInPicture2, Pin, PinOff } from "lucide-react";
import type { Tile } from "@/call/tiles";
import { useRoom } from "@/features/room/context";
import { usePerson } from "@/features/room/hosting";
import { isHosting } from "@/features/room/model";
import { PersonItems } from "@/features/room/PersonItems";
import { SpotlightItem } from "@/features/room/SpotlightItem";
import { useOwnSeat } from "@/features/room/seat";
import styles from "@/features/room/stage.module.css";
import { useStore } from "@/lib/use-store";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import { toast } from "@/ui/toasts";

type Props = { tile: Tile; name: string; isPinned: boolean };

/** What one can do with a person where the person is: hold them large; as a host also more. */
export function TileMenu({ tile, name, isPinned }: Props) {
	const { t } = useLingui();
	const { code, wishes } = useRoom();
	const { role } = useOwnSeat();
	const person = usePerson(code, tile.participantId);
	const items = [
		<MenuItem
			key="pin"
			icon={isPinned ? <PinOff aria-hidden /> : <Pin aria-hidden />}
			onAction={() => wishes.togglePin(tile.identity)}
		>
			{isPinned ? t`Unpin` : t`Pin: keep large for me`}
		</MenuItem>,
	];
	if (tile.isYou) items.push(<SelfItems key="self" />);
	return (
		<div className={styles.menu}>
			<Menu
				label={t`${name}: what you can do`}
				trigger={
					<IconButton size="small" label={t`${name}: what you can do`}>
						<Ellipsis />
					</IconButton>
				}
			>
				{items}
				{person && isHosting(role) ? <SpotlightItem person={person} /> : null}
				{person && !tile.isYou && isHosting(role) ? <PersonItems person={person} tile={tile} /> : null}
			</Menu>
		</div>
	);
}

function SelfItems() {
	const { t } = useLingui();
	const { wishes } = useRoom();
	const { self } = useStore(wishes.wish);
	const hide = () => {
		wishes.setSelf("hidden");
		toast(t`Your own picture is hidden from you; others still see it. More brings it back.`);
	};
	return (
		<>
			{self === "floating" ? (
				<MenuItem icon={<Grid2x2 aria-hidden />} onAction={() => wishes.setSelf("grid")}>
					{t`Put me into the grid`}
				</MenuItem>
			) : (
				<MenuItem icon={<PictureInPicture2 aria-hidden />} onAction={() => wishes.setSelf("floating")}>
					{t`Let my picture float`}
				</MenuItem>
			)}
			<MenuItem icon={<EyeOff aria-hidden />} onAction={hide}>
				{t`Hide my picture from me`}
			</MenuItem>
		</>
	);
}
