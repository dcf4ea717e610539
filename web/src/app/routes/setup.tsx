import { createFileRoute, useLocation } from "@tanstack/react-router";
import { Setup } from "@/features/setup/Setup";

export const Route = createFileRoute("/setup")({ component: Page });

function Page() {
	const token = useLocation({ select: ({ hash }) => hash });
	return <Setup token={token} />;
}
