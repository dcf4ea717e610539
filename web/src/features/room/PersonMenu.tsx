import { useLingui } from "@lingui/react/macro";
import { MicOff, UserX } from "lucide-react";
import type { ReactNode } from "react";
import { api } from "@/api/client";
import { useProblemWords } from "@/lib/problem-words";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import { toast } from "@/ui/toasts";

type Props = { code: string; participantId: string; name: string; children: ReactNode };

/** What a host can do with a person, where the person is. A host can silence, never switch on. */
export function PersonMenu({ code, participantId, name, children }: Props) {
	const { t } = useLingui();
	const problem = useProblemWords();
	const params = { params: { path: { code, participant_id: participantId } } };
	const onError = (error: unknown) => toast(problem(error));
	const mute = api.useMutation("post", "/api/meetings/{code}/people/{participant_id}/stop", {
		onSuccess: () => toast(t`${name} is muted. Only they can turn it on again.`),
		onError,
	});
	const remove = api.useMutation("post", "/api/meetings/{code}/people/{participant_id}/remove", {
		onSuccess: () => toast(t`${name} was taken out.`),
		onError,
	});
	return (
		<Menu
			label={t`${name}: host controls`}
			trigger={
				<IconButton size="small" label={t`${name}: host controls`}>
					{children}
				</IconButton>
			}
		>
			<MenuItem
				icon={<MicOff aria-hidden />}
				onAction={() => mute.mutate({ ...params, body: { source: "microphone", stay: false } })}
			>
				{t`Mute`}
			</MenuItem>
			<MenuItem icon={<UserX aria-hidden />} bad onAction={() => remove.mutate(params)}>
				{t`Take out of the meeting`}
			</MenuItem>
		</Menu>
	);
}
