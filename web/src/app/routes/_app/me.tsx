import { createFileRoute } from "@tanstack/react-router";
import { MeLayout } from "@/app/shell/MeLayout";

export const Route = createFileRoute("/_app/me")({ component: MeLayout });
