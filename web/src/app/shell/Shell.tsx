import { useLingui } from "@lingui/react/macro";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { House, Search, Video } from "lucide-react";
import { lazy, Suspense } from "react";
import { meQuery } from "@/api/queries";
import { ConnectionState } from "@/app/shell/ConnectionState";
import { keyNames, openSheet, sheet, useShellKeys } from "@/app/shell/keys";
import styles from "@/app/shell/Shell.module.css";
import { useStore } from "@/lib/use-store";
import { Avatar } from "@/ui/Avatar";
import { Brand, brandClass } from "@/ui/Brand";
import { buttonClass } from "@/ui/Button";
import { Key } from "@/ui/Chip";

const Palette = lazy(() => import("@/app/shell/Palette").then((file) => ({ default: file.Palette })));
const Schedule = lazy(() => import("@/app/shell/Schedule").then((file) => ({ default: file.Schedule })));
const Shortcuts = lazy(() => import("@/app/shell/Shortcuts").then((file) => ({ default: file.Shortcuts })));

export function Shell() {
	const { t } = useLingui();
	const { data: me } = useSuspenseQuery(meQuery());
	const open = useStore(sheet);
	useShellKeys();
	return (
		<div className={styles.app}>
			<a className={`${buttonClass({ look: "primary" })} ${styles.skip}`} href="#main">
				{t`Skip to the page`}
			</a>
			<nav className={styles.rail} aria-label={t`Main`}>
				<Link to="/" className={`${brandClass} ${styles.brand}`} activeProps={{}} aria-label={t`Kloud, home`}>
					<Brand />
				</Link>
				<Link to="/" className={styles.link} activeOptions={{ exact: true }}>
					<House aria-hidden />
					<span className={styles.name}>{t`Home`}</span>
				</Link>
				<Link to="/meetings" className={styles.link}>
					<Video aria-hidden />
					<span className={styles.name}>{t`Meetings`}</span>
				</Link>
				<span className={styles.space} />
				<button
					type="button"
					className={`${styles.link} ${styles.search}`}
					onClick={() => openSheet("palette")}
				>
					<Search aria-hidden />
					<span className={styles.name}>{t`Search`}</span>
					<Key>{keyNames.command}K</Key>
				</button>
				<Link to="/me" className={styles.link}>
					<Avatar name={me.nickname} size="s" />
					<span className={styles.own}>
						<span className={styles.hand}>{t`Me`}</span>
						<span className={styles.desk}>{me.nickname}</span>
					</span>
				</Link>
			</nav>
			<main className={styles.main} id="main" tabIndex={-1}>
				<ConnectionState />
				<Outlet />
			</main>
			<Suspense>
				{open === "palette" ? <Palette /> : null}
				{open === "schedule" ? <Schedule /> : null}
				{open === "shortcuts" ? <Shortcuts /> : null}
			</Suspense>
		</div>
	);
}
