import { createFileRoute } from "@tanstack/react-router";
import { meetingsQuery } from "@/api/queries";
import { Home } from "@/features/home/Home";

export const Route = createFileRoute("/_app/")({
	loader: ({ context }) => void context.queries.prefetchQuery(meetingsQuery()),
	component: Home,
});
