import "@/ui/tokens.css";
import "@/ui/base.css";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueries } from "@/api/queries";
import { MeetingApp } from "@/app/meeting/MeetingApp";
import { createVisit, wasInside } from "@/app/meeting/visit";
import { Providers } from "@/app/Providers";
import { followPreferences } from "@/app/preferences";
import { preferredTheme, showTheme } from "@/lib/appearance";
import { preferredLanguage, showLanguage } from "@/lib/i18n";

const queries = createQueries();

/** The document of `/m/<code>` and of `/check`: it alone may use devices, so it is entered and left by real navigation. */
async function start(root: HTMLElement) {
	showTheme(preferredTheme());
	const page = location.pathname === "/check" ? await check() : await meeting();
	await showLanguage(preferredLanguage());
	followPreferences();
	createRoot(root).render(
		<StrictMode>
			<Providers queries={queries}>{page}</Providers>
		</StrictMode>,
	);
}

async function meeting(): Promise<ReactNode> {
	const visit = createVisit(location.pathname.split("/")[2] ?? "", queries);
	if (wasInside()) await visit.session.resume();
	return <MeetingApp visit={visit} />;
}

async function check(): Promise<ReactNode> {
	const { CheckApp, createLook } = await import("@/app/meeting/CheckApp");
	const look = createLook();
	void look.check.run();
	return <CheckApp look={look} />;
}

const root = document.getElementById("root");
if (root) void start(root);
