import { createStore, type Store } from "@/lib/store";

/** How loud a microphone is, and a tone to know a loudspeaker by. */
const levelEveryMs = 100;

export function meter(stream: MediaStream, tell: (level: number) => void): () => void {
	const audio = new AudioContext();
	const analyser = audio.createAnalyser();
	analyser.fftSize = 512;
	audio.createMediaStreamSource(stream).connect(analyser);
	const samples = new Float32Array(analyser.fftSize);
	const timer = setInterval(() => {
		analyser.getFloatTimeDomainData(samples);
		tell(levelOf(samples));
	}, levelEveryMs);
	return () => {
		clearInterval(timer);
		// To stop twice is to stop once.
		if (audio.state !== "closed") void audio.close();
	};
}

/** Measures for as long as somebody looks. */
export function createLevel(track: MediaStreamTrack): Pick<Store<number>, "get" | "subscribe"> {
	const level = createStore(0);
	let watchers = 0;
	let end = () => {};
	return {
		get: level.get,
		subscribe(listener) {
			const release = level.subscribe(listener);
			if (watchers++ === 0) end = meter(new MediaStream([track]), level.set);
			return () => {
				release();
				if (--watchers === 0) end();
			};
		},
	};
}

/** Loudness as an ear hears it, from -60 dB (0) to -6 dB (1). */
export function levelOf(samples: ArrayLike<number>): number {
	let sum = 0;
	for (let at = 0; at < samples.length; at += 1) sum += (samples[at] ?? 0) ** 2;
	const loudness = 20 * Math.log10(Math.sqrt(sum / Math.max(1, samples.length)) + 1e-7);
	return Math.min(1, Math.max(0, (loudness + 60) / 54));
}

type Sinking = AudioContext & { setSinkId?: (id: string) => Promise<void> };

export async function playTone(speaker: string | null): Promise<void> {
	const audio: Sinking = new AudioContext();
	if (speaker) await audio.setSinkId?.(speaker);
	const tone = audio.createOscillator();
	const volume = audio.createGain();
	tone.frequency.setValueAtTime(660, audio.currentTime);
	tone.frequency.setValueAtTime(880, audio.currentTime + 0.18);
	volume.gain.setValueAtTime(0.0001, audio.currentTime);
	volume.gain.exponentialRampToValueAtTime(0.2, audio.currentTime + 0.03);
	volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.5);
	tone.connect(volume).connect(audio.destination);
	tone.start();
	tone.stop(audio.currentTime + 0.55);
	await new Promise((done) => tone.addEventListener("ended", done, { once: true }));
	await audio.close();
}
