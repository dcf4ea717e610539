import { client } from "@/api/client";
import { type Check, createCheck } from "@/call/check";
import { createPreview, type Preview } from "@/call/preview";
import { CheckPage } from "@/features/check/CheckPage";
import { PreviewPane } from "@/features/prejoin/PreviewPane";
import { parseMeetingCode } from "@/lib/meeting-code";
import { timeToServer } from "@/lib/way-back";

/** What a look at the connection needs, tied to the server. It asks for no account. */
export function createLook(): { check: Check; preview: Preview } {
	const check = createCheck({
		answer: timeToServer,
		canMedia: () => "RTCPeerConnection" in globalThis && "RTCDataChannel" in globalThis,
		pass: async () => {
			const { data, error } = await client.POST("/api/check");
			if (error) throw error;
			return data;
		},
		openLines: () => import("#check").then((file) => file.openLines()),
	});
	return { check, preview: createPreview(navigator.mediaDevices) };
}

export function CheckApp({ look: { check, preview } }: { look: ReturnType<typeof createLook> }) {
	const code = parseMeetingCode(new URLSearchParams(location.search).get("m") ?? "", location.origin);
	return <CheckPage check={check} code={code} devices={<PreviewPane name={null} preview={preview} />} />;
}
