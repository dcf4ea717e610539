import { meter, playTone } from "@/call/sound";
import { type Refusal, refusalOf, type Source } from "@/call/types";
import { createStore, type Store } from "@/lib/store";

/** What a person sees of themselves before joining. Nothing leaves the browser; nothing starts without a press. */
export type PreviewSource = Exclude<Source, "screen">;

export type PreviewDevice =
	| { kind: "off" }
	| { kind: "starting" }
	| { kind: "on"; stream: MediaStream; deviceId: string | null }
	| { kind: "refused"; why: Refusal };

export type Choice = { id: string; name: string };

export type PreviewView = {
	camera: PreviewDevice;
	microphone: PreviewDevice;
	cameras: readonly Choice[];
	microphones: readonly Choice[];
	speakers: readonly Choice[];
	/** What was chosen during this visit; nothing of it is written anywhere. */
	chosen: Readonly<Record<PreviewSource | "speaker", string | null>>;
	/** 0 to 1, while the microphone is on. */
	level: number;
};

export type Preview = {
	view: Pick<Store<PreviewView>, "get" | "subscribe">;
	toggle: (source: PreviewSource) => Promise<void>;
	/** Changes what is on; what is off stays off and is remembered. */
	choose: (which: PreviewSource | "speaker", deviceId: string) => Promise<void>;
	/** Plays a short tone, so that one knows the loudspeaker. */
	testSound: () => Promise<void>;
	stop: () => void;
};

const off: PreviewDevice = { kind: "off" };

export function createPreview(devices: MediaDevices | undefined): Preview {
	const view = createStore<PreviewView>({
		camera: off,
		microphone: off,
		cameras: [],
		microphones: [],
		speakers: [],
		chosen: { camera: null, microphone: null, speaker: null },
		level: 0,
	});
	let stopMeter = () => {};
	devices?.addEventListener("devicechange", () => void listDevices());
	void listDevices();

	function remember(which: PreviewSource | "speaker", deviceId: string | null) {
		view.update((now) => ({ ...now, chosen: { ...now.chosen, [which]: deviceId } }));
	}

	async function start(source: PreviewSource, deviceId: string | null) {
		view.update((now) => ({ ...now, [source]: { kind: "starting" } }));
		try {
			if (!devices) throw new DOMException("no devices here", "NotFoundError");
			const wish = deviceId ? { deviceId: { exact: deviceId } } : true;
			const stream = await devices.getUserMedia(source === "camera" ? { video: wish } : { audio: wish });
			const track = stream.getTracks()[0];
			const chosen = track?.getSettings().deviceId ?? deviceId;
			track?.addEventListener("ended", () => end(source));
			remember(source, chosen);
			view.update((now) => ({ ...now, [source]: { kind: "on", stream, deviceId: chosen } }));
			if (source === "microphone")
				stopMeter = meter(stream, (level) => view.update((now) => ({ ...now, level })));
			await listDevices();
		} catch (error) {
			view.update((now) => ({ ...now, [source]: { kind: "refused", why: refusalOf(error) } }));
		}
	}

	/** Asks for nothing. The browser tells names of devices only where one was allowed, now or before. */
	async function listDevices() {
		const all = (await devices?.enumerateDevices()) ?? [];
		const named = (kind: MediaDeviceKind) =>
			all
				.filter((each) => each.kind === kind && each.label)
				.map(({ deviceId, label }) => ({ id: deviceId, name: label }));
		const microphones = named("audioinput");
		view.update((now) => ({
			...now,
			cameras: named("videoinput"),
			microphones,
			speakers: named("audiooutput"),
		}));
	}

	function end(source: PreviewSource) {
		const now = view.get()[source];
		if (now.kind === "on") for (const track of now.stream.getTracks()) track.stop();
		if (source === "microphone") stopMeter();
		view.update((before) => ({ ...before, [source]: off, ...(source === "microphone" ? { level: 0 } : {}) }));
	}

	return {
		view,
		async toggle(source) {
			if (view.get()[source].kind === "on") end(source);
			else await start(source, view.get().chosen[source]);
		},
		async choose(which, deviceId) {
			remember(which, deviceId);
			if (which === "speaker" || view.get()[which].kind !== "on") return;
			end(which);
			await start(which, deviceId);
		},
		testSound: () => playTone(view.get().chosen.speaker),
		stop() {
			end("camera");
			end("microphone");
		},
	};
}
