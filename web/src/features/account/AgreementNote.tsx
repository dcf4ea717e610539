import { Trans } from "@lingui/react/macro";
import { FileText } from "lucide-react";
import { agreementPath } from "@/lib/agreement";
import { SmallPrint } from "@/ui/Form";

export function AgreementNote() {
	return (
		<SmallPrint icon={<FileText aria-hidden />}>
			<Trans>
				By making one you do not agree to anything you have not read.{" "}
				<a href={agreementPath()} target="_blank" rel="noreferrer">
					Read the agreement
				</a>
				. You say yes or no to each purpose, later too.
			</Trans>
		</SmallPrint>
	);
}
