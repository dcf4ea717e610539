import { createFileRoute } from "@tanstack/react-router";
import { Contact } from "@/features/me/Contact";

export const Route = createFileRoute("/_app/me/contact")({ component: Contact });
