import "@/ui/tokens.css";
import "@/ui/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueries } from "@/api/queries";
import { MeetingApp } from "@/app/meeting/MeetingApp";
import { createVisit, wasInside } from "@/app/meeting/visit";
import { Providers } from "@/app/Providers";
import { followPreferences } from "@/app/preferences";
import { preferredTheme, showTheme } from "@/lib/appearance";
import { preferredLanguage, showLanguage } from "@/lib/i18n";

/** The document of `/m/<code>`: it alone may use devices, so it is entered and left by real navigation. */
async function start(root: HTMLElement) {
	showTheme(preferredTheme());
	const queries = createQueries();
	const code = location.pathname.split("/")[2] ?? "";
	const visit = createVisit(code, queries);
	if (wasInside()) await visit.session.resume();
	await showLanguage(preferredLanguage());
	followPreferences();
	createRoot(root).render(
		<StrictMode>
			<Providers queries={queries}>
				<MeetingApp visit={visit} />
			</Providers>
		</StrictMode>,
	);
}

const root = document.getElementById("root");
if (root) void start(root);
