import { useLingui } from "@lingui/react/macro";
import type { Thing } from "@/lib/data-groups";
import { useDataWords } from "@/lib/data-words";

type Name = { title: string; detail: string | null };

/** What one calls a thing among others of its kind: a message by its words, a device by its name. */
export function useThingName() {
	const { t } = useLingui();
	const words = useDataWords();
	return ({ kind, values }: Thing): Name => {
		const said = (...columns: string[]) => {
			for (const column of columns) {
				const found = values.find(({ label }) => label === `${kind}.${column}`);
				const text = found && words.value(found);
				if (text) return text;
			}
			return null;
		};
		const purpose = () => {
			const found = values.find(({ label }) => label === `${kind}.purpose`)?.value;
			return found ? words.purpose(found) : words.plain(kind);
		};
		const pair = (first: string | null, second: string | null) => [first, second].filter(Boolean).join(": ");
		switch (kind) {
			case "account":
				return { title: t`Password`, detail: said("credentials_changed_at") };
			case "session":
				return { title: said("device") ?? t`A device`, detail: said("last_used_at") };
			case "recovery_code":
				return { title: t`Recovery codes`, detail: null };
			case "meeting":
				return { title: said("title") ?? t`A meeting without a title`, detail: null };
			case "seat":
				return { title: t`A visit to a meeting`, detail: said("admitted_at", "knocked_at") };
			case "membership":
				return { title: t`Among people`, detail: said("since") };
			case "message":
				return { title: said("body") ?? t`A message`, detail: said("sent_at") };
			case "permission":
				return { title: pair(said("device"), said("state")), detail: said("changed_at") };
			case "consent":
				return { title: pair(said("purpose"), said("answer")), detail: said("given_at") };
			case "erasure":
				return { title: t`A request to erase`, detail: said("requested_at") };
			case "day_opening":
			case "named_opening":
				return { title: purpose(), detail: said("day", "opened_at") };
			case "disclosure":
				return { title: said("recipient") ?? purpose(), detail: said("disclosed_at") };
			default:
				return { title: words.plain(kind), detail: null };
		}
	};
}
