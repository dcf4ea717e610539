import { useLingui } from "@lingui/react/macro";
import { Eraser, Eye, KeyRound, MapPinOff, MicOff, VideoOff } from "lucide-react";
import styles from "@/features/account/account.module.css";
import { Card } from "@/ui/Layout";
import { Quiet } from "@/ui/Note";

export function WhatHappens() {
	const { t } = useLingui();
	return (
		<aside className={styles.beside} aria-label={t`What happens with it`}>
			<Card pad>
				<h2>{t`What happens with it`}</h2>
				<ul className={styles.facts}>
					<li>
						<KeyRound aria-hidden />
						{t`Sealed with a key that is yours alone.`}
					</li>
					<li>
						<Eye aria-hidden />
						{t`You see who opened it, and why.`}
					</li>
					<li>
						<Eraser aria-hidden />
						{t`When you leave, the key goes, and it goes with it. The day is on your certificate.`}
					</li>
				</ul>
			</Card>
			<Quiet center>
				<MicOff aria-hidden />
				<VideoOff aria-hidden />
				<MapPinOff aria-hidden />
				{t`All devices start off`}
			</Quiet>
		</aside>
	);
}
