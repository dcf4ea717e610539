import { loadRnnoise, RnnoiseWorkletNode } from "@sapphi-red/web-noise-suppressor";
import wasmUrl from "@sapphi-red/web-noise-suppressor/rnnoise.wasm?url";
import simdUrl from "@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm?url";
import workletUrl from "@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js?url";

/**
 * Takes noise out of the microphone with RNNoise, in this page and from our own address.
 *
 * Invariant: nobody is made silent by it. Where the filter does not run its output is pure silence, without any
 * error; so it is tried with a tone first, and used only if the tone comes through.
 */
const rate = 48_000;
let binary: Promise<ArrayBuffer> | null = null;

async function createFilter(audio: BaseAudioContext): Promise<RnnoiseWorkletNode> {
	binary ??= loadRnnoise({ url: wasmUrl, simdUrl });
	await audio.audioWorklet.addModule(workletUrl);
	return new RnnoiseWorkletNode(audio as AudioContext, { wasmBinary: await binary, maxChannels: 1 });
}

/** The loudest sample that the filter lets through of half a second of noise. */
async function loudestOf(): Promise<number> {
	const trial = new OfflineAudioContext(1, rate / 2, rate);
	const source = trial.createBufferSource();
	const noise = trial.createBuffer(1, rate / 2, rate);
	const samples = noise.getChannelData(0);
	for (let at = 0; at < samples.length; at += 1) samples[at] = Math.random() - 0.5;
	source.buffer = noise;
	source.connect(await createFilter(trial)).connect(trial.destination);
	source.start();
	const heard = (await trial.startRendering()).getChannelData(0);
	return heard.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

let works: Promise<boolean> | null = null;

/** Whether the filter runs here. */
export function doesFilter(): Promise<boolean> {
	works ??= loudestOf().then(
		(loudest) => loudest > 1e-6,
		() => false,
	);
	return works;
}

type Options = { audioContext: AudioContext; track: MediaStreamTrack };

let audio: AudioContext | null = null;

export function filterAudio(): AudioContext {
	audio ??= new AudioContext({ sampleRate: rate });
	return audio;
}

export class NoiseFilter {
	readonly name = "rnnoise";
	processedTrack?: MediaStreamTrack;
	private end = () => {};

	async init({ audioContext, track }: Options) {
		await audioContext.resume();
		const source = audioContext.createMediaStreamSource(new MediaStream([track]));
		const filter = await createFilter(audioContext);
		const out = audioContext.createMediaStreamDestination();
		source.connect(filter).connect(out);
		this.processedTrack = out.stream.getAudioTracks()[0];
		this.end = () => {
			source.disconnect();
			filter.disconnect();
			filter.destroy();
			this.processedTrack?.stop();
		};
	}

	async restart(options: Options) {
		await this.destroy();
		await this.init(options);
	}

	async destroy() {
		this.end();
		this.end = () => {};
	}
}
