import { createFileRoute } from "@tanstack/react-router";
import { MeIndex } from "@/app/shell/MeLayout";

export const Route = createFileRoute("/_app/me/")({ component: MeIndex });
