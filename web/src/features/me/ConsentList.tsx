import { useLingui } from "@lingui/react/macro";
import { Download } from "lucide-react";
import { client } from "@/api/client";
import type { Consent } from "@/api/types";
import { useDataWords } from "@/lib/data-words";
import { downloadText } from "@/lib/download";
import { useFormat } from "@/lib/format";
import { useProblemWords } from "@/lib/problem-words";
import { IconButton } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Line, Lines } from "@/ui/Layout";
import { toast } from "@/ui/toasts";

export function ConsentList({ consents }: { consents: readonly Consent[] }) {
	const { t } = useLingui();
	return (
		<Lines label={t`Your answers`}>
			{consents.map((consent) => (
				<ConsentLine key={consent.consent_id} consent={consent} />
			))}
		</Lines>
	);
}

function useConsentPurpose() {
	const { t } = useLingui();
	const words = useDataWords();
	const devices: Record<string, string> = {
		Camera: t`Camera`,
		Microphone: t`Microphone`,
		Screen: t`Screen`,
		camera: t`Camera`,
		microphone: t`Microphone`,
		screen: t`Screen`,
	};
	return (purpose: string) => devices[purpose.replace(/^device\./, "")] ?? words.purpose(purpose);
}

function ConsentLine({ consent }: { consent: Consent }) {
	const { t } = useLingui();
	const format = useFormat();
	const purposeOf = useConsentPurpose();
	const problem = useProblemWords();
	const purpose = purposeOf(consent.purpose);
	const where =
		consent.scope.kind === "standing" ? t`Everywhere` : (consent.scope.title ?? t`In one meeting`);
	const save = async () => {
		const { consent_id } = consent;
		const { data, error } = await client.GET("/api/me/consents/{consent_id}/receipt", {
			params: { path: { consent_id } },
		});
		if (error) toast(problem(error));
		else downloadText(`kloud-receipt-${consent_id}.json`, JSON.stringify(data, null, 2), "application/json");
	};
	const answers = {
		yes: <Chip tone="good">{t`Yes`}</Chip>,
		no: <Chip>{t`No`}</Chip>,
		withdrawn: <Chip tone="warn">{t`Taken back`}</Chip>,
	};
	const until = consent.until ? t`until ${format.day(consent.until)}` : null;
	return (
		<Line title={purpose} detail={[where, format.moment(consent.at), until].filter(Boolean).join(" · ")}>
			{answers[consent.answer]}
			<IconButton label={t`Receipt for ${purpose}, ${format.moment(consent.at)}`} onPress={() => void save()}>
				<Download />
			</IconButton>
		</Line>
	);
}
