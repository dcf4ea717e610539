import { createFileRoute } from "@tanstack/react-router";
import { Consents } from "@/features/me/Consents";

export const Route = createFileRoute("/_app/me/consents")({ component: Consents });
