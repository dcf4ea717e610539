import { createFileRoute } from "@tanstack/react-router";
import { Recover } from "@/features/account/Recover";

export const Route = createFileRoute("/recover")({ component: Recover });
