import { useCallback } from "react";
import type { Picture } from "@/call/types";
import { useRoom } from "@/features/room/context";
import styles from "@/features/room/stage.module.css";

type Props = { picture: Picture; label: string; fit: "cover" | "contain"; isMirrored?: boolean };

export function VideoView({ picture, label, fit, isMirrored }: Props) {
	const { pace } = useRoom();
	const ref = useCallback(
		(element: HTMLVideoElement | null) => {
			if (!element) return undefined;
			picture.attach(element);
			const end = pace.begin();
			return () => {
				end();
				picture.detach(element);
			};
		},
		[picture, pace],
	);
	const look = fit === "contain" ? styles.contain : styles.cover;
	return (
		<video
			ref={ref}
			className={isMirrored ? `${look} ${styles.mirrored}` : look}
			aria-label={label}
			autoPlay
			playsInline
			muted
		/>
	);
}
