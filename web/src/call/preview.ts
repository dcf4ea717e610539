import { BlurError, type BlurLevel, type Blurred } from "@/call/blur/level";
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
	blurWish: Pick<Store<BlurLevel>, "get" | "subscribe">;
	/** A picture that is shown goes away until it is blurred as wished. */
	blur: (level: BlurLevel) => Promise<void>;
	/** Plays a short tone, so that one knows the loudspeaker. */
	testSound: () => Promise<void>;
	stop: () => void;
};

const off: PreviewDevice = { kind: "off" };

type OpenBlur = (track: MediaStreamTrack, level: Exclude<BlurLevel, "off">) => Promise<Blurred>;

const fetchBlur: OpenBlur = async (track, level) => {
	const { blurTrack } = await import("@/call/blur/blur").catch((cause) => {
		throw new BlurError("the blur could not be fetched", { cause });
	});
	return await blurTrack(track, level);
};

export function createPreview(
	devices: MediaDevices | undefined,
	blurWish = createStore<BlurLevel>("off"),
	openBlur = fetchBlur,
): Preview {
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
	let endBlur = () => {};
	let visit = 0;
	devices?.addEventListener("devicechange", () => void listDevices());
	void listDevices();

	function remember(which: PreviewSource | "speaker", deviceId: string | null) {
		view.update((now) => ({ ...now, chosen: { ...now.chosen, [which]: deviceId } }));
	}

	async function start(source: PreviewSource, deviceId: string | null) {
		const mine = visit;
		view.update((now) => ({ ...now, [source]: { kind: "starting" } }));
		try {
			if (!devices) throw new DOMException("no devices here", "NotFoundError");
			const wish = deviceId ? { deviceId: { exact: deviceId } } : true;
			const captured = await devices.getUserMedia(source === "camera" ? { video: wish } : { audio: wish });
			const track = captured.getTracks()[0];
			const chosen = track?.getSettings().deviceId ?? deviceId;
			track?.addEventListener("ended", () => end(source));
			const stream = source === "camera" && track ? await asWished(captured, track) : captured;
			remember(source, chosen);
			// Whoever has gone on meanwhile is not filmed here.
			if (mine !== visit) {
				for (const each of [...stream.getTracks(), ...captured.getTracks()]) each.stop();
				endBlurOf(source);
				view.update((now) => ({ ...now, [source]: off }));
				return;
			}
			view.update((now) => ({ ...now, [source]: { kind: "on", stream, deviceId: chosen } }));
			if (source === "microphone")
				stopMeter = meter(stream, (level) => view.update((now) => ({ ...now, level })));
			await listDevices();
		} catch (error) {
			view.update((now) => ({ ...now, [source]: { kind: "refused", why: refusalOf(error) } }));
		}
	}

	async function asWished(captured: MediaStream, track: MediaStreamTrack): Promise<MediaStream> {
		const level = blurWish.get();
		if (level === "off") return captured;
		try {
			const blurred = await openBlur(track, level);
			endBlur = () => void blurred.end();
			return new MediaStream([blurred.track]);
		} catch (error) {
			track.stop();
			throw error;
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

	function endBlurOf(source: PreviewSource) {
		if (source !== "camera") return;
		endBlur();
		endBlur = () => {};
	}

	function end(source: PreviewSource) {
		const now = view.get()[source];
		if (now.kind === "on") for (const track of now.stream.getTracks()) track.stop();
		endBlurOf(source);
		if (source === "microphone") stopMeter();
		view.update((before) => ({ ...before, [source]: off, ...(source === "microphone" ? { level: 0 } : {}) }));
	}

	return {
		view,
		async toggle(source) {
			const { kind } = view.get()[source];
			if (kind === "on") end(source);
			else if (kind !== "starting") await start(source, view.get().chosen[source]);
		},
		async choose(which, deviceId) {
			remember(which, deviceId);
			if (which === "speaker" || view.get()[which].kind !== "on") return;
			end(which);
			await start(which, deviceId);
		},
		blurWish,
		async blur(level) {
			const { kind } = view.get().camera;
			if (kind === "starting") return;
			const isOther = blurWish.get() !== level;
			blurWish.set(level);
			if (kind !== "on" || !isOther) return;
			end("camera");
			await start("camera", view.get().chosen.camera);
		},
		testSound: () => playTone(view.get().chosen.speaker),
		stop() {
			visit += 1;
			end("camera");
			end("microphone");
		},
	};
}
