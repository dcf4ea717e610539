import { createFileRoute } from "@tanstack/react-router";
import { SignIn } from "@/features/account/SignIn";

export const Route = createFileRoute("/sign-in")({
	validateSearch: (search: Record<string, unknown>): { next?: string } =>
		typeof search.next === "string" && search.next.startsWith("/") && !search.next.startsWith("//")
			? { next: search.next }
			: {},
	component: Page,
});

function Page() {
	return <SignIn next={Route.useSearch().next ?? "/"} />;
}
