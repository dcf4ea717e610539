import { useNavigate } from "@tanstack/react-router";
import { openSheet } from "@/app/shell/keys";
import { ScheduleDialog } from "@/features/meetings/ScheduleDialog";

/** Planned from anywhere; then one is on the page of what was planned, with its invitation. */
export function Schedule() {
	const navigate = useNavigate();
	return (
		<ScheduleDialog
			onClose={() => openSheet(null)}
			onDone={({ code }) => {
				openSheet(null);
				void navigate({ to: "/meetings/$code", params: { code } });
			}}
		/>
	);
}
