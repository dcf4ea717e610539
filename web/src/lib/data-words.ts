import { useLingui } from "@lingui/react/macro";
import type { DataValue } from "@/api/types";
import { useDataLabels } from "@/lib/data-labels";
import { useSpokenValue } from "@/lib/data-spoken";

/** A name that no word is known for is shown in its own letters, which is better than hiding the value. */
function plain(code: string): string {
	const last = code.split(".").at(-1) ?? code;
	return last.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
}

export function useDataWords() {
	const { t } = useLingui();
	const labels = useDataLabels();
	const spoken = useSpokenValue();
	const purposes: Record<string, string> = {
		sign_in: t`To sign you in`,
		show_own: t`For you alone`,
		show_to_audience: t`Shown to people you meet`,
		invite: t`To invite`,
		notify: t`To notify you`,
		search: t`So that you can search`,
		preview: t`For previews`,
		record: t`For recordings`,
		show_to_organization: t`Shown in your organisation`,
		caption: t`For captions`,
		protect: t`To protect accounts`,
		improve: t`To improve Kloud`,
		personalise: t`To suit you`,
		employer_record: t`For your employer`,
		support: t`When you ask for help`,
		answer_request: t`To answer your requests`,
		guard: t`To protect minors`,
		disclose: t`For whom you named`,
		legal_demand: t`If the law demands it`,
		share_location: t`To share where you are`,
		import_contacts: t`To find people you know`,
	};
	const retentions: Record<string, string> = {
		account_life: t`While you use Kloud`,
		object_life: t`As long as what it belongs to`,
	};
	const sources = {
		user: t`You gave it`,
		employer: t`Your employer gave it`,
		third_party: t`Someone else gave it`,
		observed: t`Noted while you use Kloud`,
	};
	// What everybody may expect is not repeated in each row.
	const selfEvident = new Set(["show_own", "answer_request", "legal_demand", "support"]);
	return {
		plain,
		label: (code: string) => labels[code] ?? plain(code),
		purpose: (code: string) => purposes[code] ?? plain(code),
		why: ({ purposes: all }: DataValue) => {
			const telling = all.filter((code) => !selfEvident.has(code));
			const shown = telling.length > 0 ? telling : all.slice(0, 1);
			return shown.map((code) => purposes[code] ?? plain(code)).join(" · ");
		},
		until: ({ retention, retention_days }: DataValue) =>
			retention_days ? t`${retention_days} days` : (retentions[retention] ?? plain(retention)),
		source: ({ source }: DataValue) => sources[source],
		value: spoken,
	};
}
