import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { recapQuery } from "@/api/queries";
import type { Recap as RecapOf } from "@/api/types";
import { ChatKept } from "@/features/recap/ChatKept";
import { Sittings } from "@/features/recap/Sittings";
import { TakeOut } from "@/features/recap/TakeOut";
import { WhatWasKept } from "@/features/recap/WhatWasKept";
import { WhoWasThere } from "@/features/recap/WhoWasThere";
import { problemOf } from "@/lib/problem";
import { Note } from "@/ui/Note";
import { Column, Split } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";

type Props = {
	code: string;
	/** The chat, to be read. */
	chat: (conversationId: string) => ReactNode;
	/** What one may do next. */
	next?: (recap: RecapOf) => ReactNode;
	/** On a page that has one column. */
	narrow?: boolean;
};

/** What stays of a meeting, for those who were there. */
export function Recap({ code, chat, next, narrow }: Props) {
	const { t } = useLingui();
	const recap = useQuery(recapQuery(code));
	const { data, error } = recap;
	if (error) {
		return problemOf(error).code === "not_found" ? (
			<Note>{t`Nothing is left of this meeting.`}</Note>
		) : (
			<ProblemNote error={error} onRetry={() => void recap.refetch()} />
		);
	}
	if (!data) return <SkeletonLines count={4} />;
	const main = (
		<Column>
			{data.you.taken_out ? (
				<Note tone="good">{t`You are out of this: nothing here carries your name any more.`}</Note>
			) : null}
			<WhoWasThere recap={data} />
			{data.sittings.length > 1 ? <Sittings sittings={data.sittings} /> : null}
			<ChatKept chat={data.chat}>{chat(data.chat.conversation_id)}</ChatKept>
		</Column>
	);
	const side = (
		<Column>
			<WhatWasKept recap={data}>
				{data.you.taken_out ? null : <TakeOut code={code} conversationId={data.chat.conversation_id} />}
			</WhatWasKept>
			{next?.(data)}
		</Column>
	);
	return narrow ? (
		<Column>
			{main}
			{side}
		</Column>
	) : (
		<Split>
			{main}
			{side}
		</Split>
	);
}
