import { useLingui } from "@lingui/react/macro";
import { Compass } from "lucide-react";
import { DoorPage } from "@/ui/Brand";
import { buttonClass } from "@/ui/Button";
import { Empty } from "@/ui/Note";

export function NotFound() {
	const { t } = useLingui();
	return (
		<DoorPage>
			<title>{t`Not found · Kloud`}</title>
			<Empty
				icon={<Compass aria-hidden />}
				action={
					<a className={buttonClass({ look: "primary" })} href="/">
						{t`Go home`}
					</a>
				}
			>
				<h1>{t`Nothing is here`}</h1>
				{t`The link may be incomplete, or what it led to is gone. What you have is untouched.`}
			</Empty>
		</DoorPage>
	);
}
