import { useLingui } from "@lingui/react/macro";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight, Cloud, FileText, UserX } from "lucide-react";
import { instanceQuery } from "@/api/queries";
import styles from "@/features/me/me.module.css";
import { agreementPath } from "@/lib/agreement";
import { Card, Line, Lines, PageHead } from "@/ui/Layout";

export function About() {
	const { t } = useLingui();
	const { data: instance } = useSuspenseQuery(instanceQuery());
	return (
		<>
			<title>{t`About · Kloud`}</title>
			<PageHead title={t`About`} />
			<Card>
				<Lines>
					<Line icon={<Cloud aria-hidden />} title={instance.name} detail={t`Kloud ${instance.version}`} />
					<Line
						icon={<FileText aria-hidden />}
						title={
							<a className={styles.cover} href={agreementPath()} target="_blank" rel="noreferrer">
								{t`The agreement, version ${instance.agreement.version}`}
							</a>
						}
						detail={t`Readable by everyone, without an account`}
					>
						<ChevronRight aria-hidden />
					</Line>
					<Line
						icon={<UserX aria-hidden />}
						title={
							<Link className={styles.cover} to="/me/about/cancellation">
								{t`Account cancellation`}
							</Link>
						}
						detail={t`See first what goes and what stays`}
					>
						<ChevronRight aria-hidden />
					</Line>
				</Lines>
			</Card>
		</>
	);
}
