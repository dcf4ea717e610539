import { createFileRoute } from "@tanstack/react-router";
import { Cancellation } from "@/features/me/cancellation/Cancellation";

export const Route = createFileRoute("/_app/me/about/cancellation")({ component: Cancellation });
