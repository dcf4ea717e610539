import { i18n } from "@lingui/core";
import { I18nProvider, useLingui } from "@lingui/react";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { I18nProvider as AriaLocale } from "react-aria-components/I18nProvider";
import { Toasts } from "@/ui/Toasts";

function Locale({ children }: { children: ReactNode }) {
	const { i18n: shown } = useLingui();
	return <AriaLocale locale={shown.locale === "en" ? "en-US" : shown.locale}>{children}</AriaLocale>;
}

export function Providers({ queries, children }: { queries: QueryClient; children: ReactNode }) {
	return (
		<QueryClientProvider client={queries}>
			<I18nProvider i18n={i18n}>
				<Locale>
					{children}
					<Toasts />
				</Locale>
			</I18nProvider>
		</QueryClientProvider>
	);
}
