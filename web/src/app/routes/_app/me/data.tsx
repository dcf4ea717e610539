import { createFileRoute } from "@tanstack/react-router";
import { MyData } from "@/features/me/MyData";

export const Route = createFileRoute("/_app/me/data")({ component: MyData });
