import "@/ui/tokens.css";
import "@/ui/base.css";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueries } from "@/api/queries";
import { Providers } from "@/app/Providers";
import { followPreferences } from "@/app/preferences";
import { createAppRouter } from "@/app/router";
import { preferredTheme, showTheme } from "@/lib/appearance";
import { preferredLanguage, showLanguage } from "@/lib/i18n";

async function start(root: HTMLElement) {
	showTheme(preferredTheme());
	const queries = createQueries();
	await showLanguage(preferredLanguage());
	followPreferences();
	createRoot(root).render(
		<StrictMode>
			<Providers queries={queries}>
				<RouterProvider router={createAppRouter(queries)} />
			</Providers>
		</StrictMode>,
	);
}

const root = document.getElementById("root");
if (root) void start(root);
