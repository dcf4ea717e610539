import { createFileRoute } from "@tanstack/react-router";
import { Security } from "@/features/me/Security";

export const Route = createFileRoute("/_app/me/security")({ component: Security });
