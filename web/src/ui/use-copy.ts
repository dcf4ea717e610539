import { useLingui } from "@lingui/react/macro";
import { copyText } from "@/lib/clipboard";
import { toast } from "@/ui/toasts";

/** Copies and says so, or says how else. */
export function useCopy(): (text: string, done: string) => void {
	const { t } = useLingui();
	return (text, done) => {
		void copyText(text).then((isCopied) =>
			toast(isCopied ? done : t`The browser did not let Kloud copy. Select the text and copy it yourself.`),
		);
	};
}
