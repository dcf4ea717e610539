import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import { doorQuery, meetingQuery, meetingsQuery } from "@/api/queries";
import type { Meeting, MeetingChange } from "@/api/types";
import { toast } from "@/ui/toasts";

/** Changes a meeting at once; what can be taken back offers to be. */
export function useChange(meeting: Meeting) {
	const { t } = useLingui();
	const queries = useQueryClient();
	const { code } = meeting;
	const params = { path: { code } };
	const save = api.useMutation("patch", "/api/meetings/{code}", {
		onSuccess: (saved) => {
			queries.setQueryData(meetingQuery(code).queryKey, saved);
			void queries.invalidateQueries(meetingsQuery());
			void queries.invalidateQueries(doorQuery(code));
		},
	});
	return {
		error: save.error,
		isPending: save.isPending,
		change: (body: MeetingChange, undo?: MeetingChange, onDone?: () => void) =>
			save.mutate(
				{ params, body },
				{
					onSuccess: () => {
						toast(t`Changed`, undo && (() => save.mutate({ params, body: undo })));
						onDone?.();
					},
				},
			),
	};
}
