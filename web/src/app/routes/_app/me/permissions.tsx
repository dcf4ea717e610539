import { createFileRoute } from "@tanstack/react-router";
import { Permissions } from "@/features/me/Permissions";

export const Route = createFileRoute("/_app/me/permissions")({ component: Permissions });
