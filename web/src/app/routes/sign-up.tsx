import { createFileRoute } from "@tanstack/react-router";
import { SignUp } from "@/features/account/SignUp";

export const Route = createFileRoute("/sign-up")({ component: SignUp });
