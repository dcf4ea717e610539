import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Clock, LifeBuoy, Mail } from "lucide-react";
import { instanceQuery } from "@/api/queries";
import { Card, Line, Lines, PageHead } from "@/ui/Layout";
import { Empty } from "@/ui/Note";

export function Contact() {
	const { t } = useLingui();
	const { data: instance } = useSuspenseQuery(instanceQuery());
	const { officer } = instance;
	return (
		<>
			<title>{t`Contact us · Kloud`}</title>
			<PageHead
				title={t`Contact us`}
				lead={t`Who answers for people's data at ${instance.name}. You need no reason to ask.`}
			/>
			<Card>
				{officer ? (
					<Lines>
						<Line icon={<LifeBuoy aria-hidden />} title={officer.name} detail={t`Privacy officer`} />
						<Line
							icon={<Mail aria-hidden />}
							title={<ContactWay contact={officer.contact} />}
							detail={t`Write here, in either language`}
						/>
						<Line
							icon={<Clock aria-hidden />}
							title={plural(officer.answers_within_days, {
								one: "Answers within # day",
								other: "Answers within # days",
							})}
							detail={t`Counted from the day your request arrives`}
						/>
					</Lines>
				) : (
					<Empty
						icon={<LifeBuoy aria-hidden />}
					>{t`Nobody is named yet. Ask whoever runs this Kloud.`}</Empty>
				)}
			</Card>
		</>
	);
}

/** An address is written to by a press; anything else is shown as it is. */
function ContactWay({ contact }: { contact: string }) {
	return /^[^\s@]+@[^\s@]+$/.test(contact) ? <a href={`mailto:${contact}`}>{contact}</a> : contact;
}
