import { useLingui } from "@lingui/react/macro";
import { WifiOff } from "lucide-react";
import { useSyncExternalStore } from "react";
import { events } from "@/api/live";
import styles from "@/app/shell/Shell.module.css";
import { useStore } from "@/lib/use-store";

function subscribe(listener: () => void): () => void {
	addEventListener("online", listener);
	addEventListener("offline", listener);
	return () => {
		removeEventListener("online", listener);
		removeEventListener("offline", listener);
	};
}

/** Said only when something is wrong, with what is being done about it. */
export function ConnectionState() {
	const { t } = useLingui();
	const online = useSyncExternalStore(subscribe, () => navigator.onLine);
	const link = useStore(events.link);
	const words = !online
		? t`You are offline. What you see stays readable; changes wait for the connection.`
		: link === "waiting"
			? t`Kloud does not answer. Trying again by itself.`
			: link === "signed-out"
				? t`Your session ended. Load the page again to sign in.`
				: null;
	if (!words) return null;
	return (
		<div className={styles.linkState} role="status">
			<WifiOff aria-hidden />
			{words}
		</div>
	);
}
