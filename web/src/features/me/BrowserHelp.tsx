import { useLingui } from "@lingui/react/macro";
import styles from "@/features/me/me.module.css";
import { Dialog } from "@/ui/Dialog";
import { Stack, Text } from "@/ui/Layout";

/** A page cannot take a browser's own permission back; it can say how. */
export function BrowserHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
	const { t } = useLingui();
	const ways = [
		{
			browser: "Chrome, Edge, Chromium",
			how: t`Press the sign left of the address, then Site settings, then Reset permissions.`,
		},
		{
			browser: "Firefox",
			how: t`Press the sign left of the address, then the cross beside each permission.`,
		},
		{
			browser: "Safari",
			how: t`In the menu Safari choose Settings for this website, and set camera and microphone to Ask.`,
		},
		{
			browser: "iPhone, iPad",
			how: t`Press the sign left of the address, then Website settings, and set camera and microphone to Ask.`,
		},
	];
	return (
		<Dialog title={t`Clear the browser's own permission`} isOpen={isOpen} onClose={onClose} width="wide">
			<Stack gap={4}>
				<Text tone="quiet">
					{t`What you turn off in Kloud is off, whatever the browser remembers. To make the browser ask again too:`}
				</Text>
				<dl className={styles.ways}>
					{ways.map(({ browser, how }) => (
						<div key={browser}>
							<dt>{browser}</dt>
							<dd>{how}</dd>
						</div>
					))}
				</dl>
			</Stack>
		</Dialog>
	);
}
