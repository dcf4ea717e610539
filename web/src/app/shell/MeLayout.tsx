import { useLingui } from "@lingui/react/macro";
import { Link, Navigate, Outlet, useMatchRoute } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useSyncExternalStore } from "react";
import styles from "@/app/shell/Shell.module.css";

const narrow = globalThis.matchMedia?.("(width < 47.5rem)");

function subscribe(listener: () => void): () => void {
	narrow?.addEventListener("change", listener);
	return () => narrow?.removeEventListener("change", listener);
}

/** On a phone the list is a page of its own; where both fit, the first part is shown beside it. */
export function MeIndex() {
	const isNarrow = useSyncExternalStore(subscribe, () => narrow?.matches ?? false);
	return isNarrow ? null : <Navigate to="/me/profile" replace />;
}

export function MeLayout() {
	const { t } = useLingui();
	const isIndex = useMatchRoute()({ to: "/me" });
	const parts = [
		{ to: "/me/profile", name: t`Profile` },
		{ to: "/me/permissions", name: t`Permissions` },
		{ to: "/me/data", name: t`My data` },
		{ to: "/me/consents", name: t`Agreement and consents` },
		{ to: "/me/security", name: t`Devices and security` },
		{ to: "/me/contact", name: t`Contact us` },
		{ to: "/me/about", name: t`About` },
	] as const;
	return (
		<div className={isIndex ? `${styles.me} ${styles.index}` : styles.me}>
			<nav className={styles.side} aria-label={t`Me`}>
				{isIndex ? <h1>{t`Me`}</h1> : <h2>{t`Me`}</h2>}
				<ul>
					{parts.map(({ to, name }) => (
						<li key={to}>
							<Link to={to} className={styles.link}>
								{name}
							</Link>
						</li>
					))}
				</ul>
			</nav>
			<div className={styles.content}>
				<Link to="/me" className={styles.back}>
					<ChevronLeft aria-hidden />
					{t`Me`}
				</Link>
				<Outlet />
			</div>
		</div>
	);
}
