import { useLingui } from "@lingui/react/macro";
import { Cloud, Eye, ShieldCheck, UserRound, Users } from "lucide-react";
import { api } from "@/api/client";
import type { Openings } from "@/api/types";
import { useDataWords } from "@/lib/data-words";
import { useFormat } from "@/lib/format";
import { Card, CardHead, Line, Lines, Text } from "@/ui/Layout";
import { Empty } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

type Opening = Openings["openings"][number];
type Membership = Openings["memberships"][number];

export function WhoOpened() {
	const { t } = useLingui();
	const openings = api.useQuery("get", "/api/me/data/openings");
	return (
		<Card id="opened">
			<CardHead title={t`Who opened it`} />
			{openings.isPending ? (
				<SkeletonLines />
			) : openings.isError ? (
				<ProblemNote inset error={openings.error} onRetry={() => void openings.refetch()} />
			) : openings.data.openings.length + openings.data.memberships.length === 0 ? (
				<Empty
					icon={<Eye aria-hidden />}
				>{t`Nobody but you. When somebody does, it stands here with the reason.`}</Empty>
			) : (
				<Lines label={t`Who opened it`}>
					{openings.data.openings.map((opening) => (
						<OpeningLine key={`${opening.at} ${opening.purpose} ${opening.role}`} opening={opening} />
					))}
					{openings.data.memberships.map((membership) => (
						<MembershipLine key={membership.since} membership={membership} />
					))}
				</Lines>
			)}
		</Card>
	);
}

const icons = { you: UserRound, operator: ShieldCheck, privacy_officer: ShieldCheck, system: Cloud };

function OpeningLine({ opening }: { opening: Opening }) {
	const { t } = useLingui();
	const format = useFormat();
	const words = useDataWords();
	const Icon = icons[opening.role];
	const who = {
		you: t`You`,
		operator: t`The operator`,
		privacy_officer: t`The privacy officer`,
		system: "Kloud",
	}[opening.role];
	const name = opening.name ? `${who}, ${opening.name}` : who;
	const times = opening.count > 1 ? t`, ${format.number(opening.count)} times` : "";
	return (
		<Line
			wide
			icon={<Icon aria-hidden />}
			title={`${name}${times}`}
			detail={[words.purpose(opening.purpose), opening.reason].filter(Boolean).join(" · ")}
		>
			<Text size={13} tone="quiet" as="span">
				{opening.exact ? format.moment(opening.at) : format.day(opening.at)}
			</Text>
		</Line>
	);
}

function MembershipLine({ membership }: { membership: Membership }) {
	const { t } = useLingui();
	const format = useFormat();
	const since = format.day(membership.since);
	return (
		<Line
			wide
			icon={<Users aria-hidden />}
			title={t`People in a meeting`}
			detail={t`They see your name there and what you write`}
		>
			<Text size={13} tone="quiet" as="span">
				{membership.until ? `${since} – ${format.day(membership.until)}` : t`since ${since}`}
			</Text>
		</Line>
	);
}
