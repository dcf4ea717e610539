import { createFileRoute, useLocation } from "@tanstack/react-router";
import { Cancelled } from "@/features/me/cancellation/Cancelled";

export const Route = createFileRoute("/cancelled")({ component: Page });

function Page() {
	// The token stands behind the hash, which a browser does not send to any server.
	const request = useLocation({ select: ({ hash }) => hash });
	return <Cancelled request={request} />;
}
