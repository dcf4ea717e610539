import { useLingui } from "@lingui/react/macro";
import { Download } from "lucide-react";
import type { Certificate } from "@/api/types";
import { useCategoryWords } from "@/lib/data-labels";
import { downloadText } from "@/lib/download";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Card, CardHead, Line, Lines, Stack } from "@/ui/Layout";

export function CertificateCard({ certificate }: { certificate: Certificate }) {
	const { t } = useLingui();
	const format = useFormat();
	const names = useCategoryWords();
	const { number, categories, online_at, backups_at, signed } = certificate;
	return (
		<Card>
			<CardHead title={t`Certificate ${number}`} />
			<Lines>
				<Line title={t`Unreadable here`} detail={format.moment(online_at)} />
				<Line title={t`Unreadable in every backup`} detail={t`by ${format.moment(backups_at)}`} />
				<Line
					title={t`What became unreadable`}
					detail={categories.map((code) => names[code] ?? code).join(" · ")}
				/>
				<li>
					<Stack gap={3}>
						<Button
							look="primary"
							wide
							onPress={() => downloadText(`kloud-certificate-${number}.txt`, signed)}
						>
							<Download aria-hidden />
							{t`Download the signed certificate`}
						</Button>
					</Stack>
				</li>
			</Lines>
		</Card>
	);
}
