import { useLingui } from "@lingui/react/macro";
import type { Door } from "@/api/types";
import type { Session } from "@/call/session";
import styles from "@/features/prejoin/prejoin.module.css";
import { DoorPage } from "@/ui/Brand";
import { Button } from "@/ui/Button";
import { focusOnce, Text } from "@/ui/Layout";
import { Working } from "@/ui/Steps";

type Props = { door: Door | undefined; session: Session; wasInside: boolean };

/** At the door: what is waited for. The page survives being loaded again. */
export function Waiting({ door, session, wasInside }: Props) {
	const { t } = useLingui();
	const host = door?.host_name;
	return (
		<DoorPage>
			<title>{t`Waiting · Kloud`}</title>
			<div className={styles.waiting}>
				<h1 tabIndex={-1} ref={focusOnce}>
					{door?.title ?? t`At the door`}
				</h1>
				{wasInside ? (
					<Text>{t`The host has put you back at the door. Camera and microphone are off.`}</Text>
				) : null}
				<Working
					label={
						host ? t`${host} has been told that you are here` : t`The host has been told that you are here`
					}
				/>
				<Text tone="quiet">
					{t`You see and hear nothing of the meeting until you are let in, and nobody sees or hears you. This page opens by itself.`}
				</Text>
				<Button onPress={() => void session.leave()}>{t`Leave the door`}</Button>
			</div>
		</DoorPage>
	);
}
