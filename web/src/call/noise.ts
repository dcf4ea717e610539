import { loadRnnoise, RnnoiseWorkletNode } from "@sapphi-red/web-noise-suppressor";
import wasmUrl from "@sapphi-red/web-noise-suppressor/rnnoise.wasm?url";
import simdUrl from "@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm?url";
import workletUrl from "@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js?url";

/**
 * Takes noise out of the microphone with RNNoise, in this page and from our own address.
 *
 * Invariant: nobody is made silent by it. Where the filter does not run its output is pure silence, without any
 * error; so it is tried with made-up noise first, and used only if something comes through.
 */
const rate = 48_000;
let binary: Promise<ArrayBuffer> | null = null;

async function createFilter(context: AudioContext): Promise<RnnoiseWorkletNode> {
	binary ??= loadRnnoise({ url: wasmUrl, simdUrl });
	await context.audioWorklet.addModule(workletUrl);
	return new RnnoiseWorkletNode(context, { wasmBinary: await binary, maxChannels: 1 });
}

const triedEveryMs = 50;
const triedForMs = 3000;

/** Whether noise that goes in comes out as anything at all; the filter takes a moment to be ready. */
async function letsThrough(): Promise<boolean> {
	const context = filterAudio();
	await context.resume();
	const noise = context.createBufferSource();
	noise.buffer = context.createBuffer(1, rate, rate);
	const samples = noise.buffer.getChannelData(0);
	for (let at = 0; at < samples.length; at += 1) samples[at] = Math.random() - 0.5;
	noise.loop = true;
	const filter = await createFilter(context);
	const ear = context.createAnalyser();
	// Heard by nobody, but pulled: without an end no sound is made.
	const end = context.createMediaStreamDestination();
	noise.connect(filter).connect(ear).connect(end);
	noise.start();
	const heard = await hears(ear);
	noise.stop();
	for (const part of [noise, filter, ear]) part.disconnect();
	filter.destroy();
	return heard;
}

function hears(ear: AnalyserNode): Promise<boolean> {
	const samples = new Float32Array(ear.fftSize);
	const until = performance.now() + triedForMs;
	return new Promise((done) => {
		const timer = setInterval(() => {
			ear.getFloatTimeDomainData(samples);
			const isHeard = samples.some((sample) => Math.abs(sample) > 1e-6);
			if (!isHeard && performance.now() < until) return;
			clearInterval(timer);
			done(isHeard);
		}, triedEveryMs);
	});
}

let works: Promise<boolean> | null = null;

/** Whether the filter runs here. */
export function doesFilter(): Promise<boolean> {
	works ??= letsThrough().catch(() => false);
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
	source?: MediaStreamTrack;
	processedTrack?: MediaStreamTrack;
	private end = () => {};

	async init({ audioContext, track }: Options) {
		this.source = track;
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
