import { useLingui } from "@lingui/react/macro";
import type { Refusal, Source } from "@/call/types";

/** Why a device did not come on, and what can be done about it. */
export function useRefusalWords(): (source: Source, why: Refusal) => string {
	const { t } = useLingui();
	return (source, why) => {
		const name = { camera: t`camera`, microphone: t`microphone`, screen: t`screen` }[source];
		switch (why) {
			case "browser":
				return t`The browser did not allow the ${name}. Press the sign beside the address to change that, then press again here.`;
			case "missing":
				return t`No ${name} was found. Plug one in, then press again.`;
			case "busy":
				return t`Another program is using the ${name}. Close it there, then press again.`;
			case "not_allowed":
				return t`The meeting does not let you use your ${name} now. A host can allow it.`;
			case "blur":
				return t`Your background could not be blurred, so the ${name} stayed off and nobody saw you.`;
			case "cancelled":
			case "server":
				return t`The ${name} could not be turned on; it is off. Press again to try once more.`;
		}
	};
}
