import { createFileRoute } from "@tanstack/react-router";
import { About } from "@/features/me/About";

export const Route = createFileRoute("/_app/me/about/")({ component: About });
