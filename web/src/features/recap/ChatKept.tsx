import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { MessageCircle } from "lucide-react";
import type { ReactNode } from "react";
import type { Recap } from "@/api/types";
import { useFormat } from "@/lib/format";
import { Fold } from "@/ui/Fold";
import { Card } from "@/ui/Layout";

/** How much was written, and all of it on opening. */
export function ChatKept({ chat, children }: { chat: Recap["chat"]; children: ReactNode }) {
	const { t } = useLingui();
	const format = useFormat();
	const count =
		chat.messages === 0
			? t`Nothing was written`
			: plural(chat.messages, { one: "# message", other: "# messages" });
	const until = chat.kept_until ? t`kept until ${format.day(chat.kept_until)}` : null;
	return (
		<Card label={t`Chat`}>
			<Fold
				icon={<MessageCircle aria-hidden />}
				title={t`Chat`}
				detail={[count, chat.messages > 0 ? until : null].filter(Boolean).join(" · ")}
			>
				{children}
			</Fold>
		</Card>
	);
}
