import { useLingui } from "@lingui/react/macro";
import type { Door } from "@/api/types";
import type { Session } from "@/call/session";
import styles from "@/features/prejoin/prejoin.module.css";
import { DoorPage } from "@/ui/Brand";
import { Button } from "@/ui/Button";
import { focusOnce, Text } from "@/ui/Layout";
import { Working } from "@/ui/Steps";

export function Waiting({ door, session }: { door: Door | undefined; session: Session }) {
	const { t } = useLingui();
	const host = door?.host_name;
	return (
		<DoorPage>
			<title>{t`Waiting · Kloud`}</title>
			<div className={styles.waiting}>
				<h1 tabIndex={-1} ref={focusOnce}>
					{door?.title ?? t`At the door`}
				</h1>
				<Working
					label={
						host ? t`${host} has been told that you are here` : t`The host has been told that you are here`
					}
				/>
				<Text tone="quiet">
					{t`You see and hear nothing of the meeting until you are let in, and nobody sees or hears you. This page opens by itself.`}
				</Text>
				<Button onPress={() => void session.leave()}>{t`Go away`}</Button>
			</div>
		</DoorPage>
	);
}
