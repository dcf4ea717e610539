import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { meetingQuery, meetingsQuery } from "@/api/queries";
import { Button } from "@/ui/Button";
import { EndQuestion } from "@/ui/EndQuestion";

export function EndMeeting({ code }: { code: string }) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const [asked, setAsked] = useState(false);
	const close = () => setAsked(false);
	const look = () => {
		close();
		void queries.invalidateQueries(meetingQuery(code));
		void queries.invalidateQueries(meetingsQuery());
	};
	return (
		<>
			<Button look="bad" onPress={() => setAsked(true)}>
				{t`End meeting`}
			</Button>
			<EndQuestion code={code} isOpen={asked} onClose={close} onEnded={look} />
		</>
	);
}
