import { useLingui } from "@lingui/react/macro";
import { Ellipsis } from "lucide-react";
import type { Person } from "@/api/types";
import type { Tile } from "@/call/tiles";
import { PersonItems } from "@/features/room/PersonItems";
import { SpotlightItem } from "@/features/room/SpotlightItem";
import { IconButton } from "@/ui/Button";
import { Menu } from "@/ui/Menu";

type Props = { person: Person; tile: Tile | undefined; name: string };

/** What a host can do with a person, in the list. */
export function PersonMenu({ person, tile, name }: Props) {
	const { t } = useLingui();
	return (
		<Menu
			label={t`${name}: host controls`}
			trigger={
				<IconButton size="small" label={t`${name}: host controls`}>
					<Ellipsis />
				</IconButton>
			}
		>
			<SpotlightItem person={person} />
			{person.is_you ? null : <PersonItems person={person} tile={tile} />}
		</Menu>
	);
}
