/** A voice for the made-up microphone: vowels in syllables, for a beep is too short to count as speech. */
import { writeFile } from "node:fs/promises";

const rate = 48_000;
const seconds = 4;

function sample(at) {
	const time = at / rate;
	const syllable = Math.sin(Math.PI * ((time * 3) % 1)) ** 0.5;
	const pitch = 130 + 25 * Math.sin(2 * Math.PI * 0.5 * time);
	let sum = 0;
	for (let overtone = 1; overtone <= 12; overtone += 1)
		sum += Math.sin(2 * Math.PI * pitch * overtone * time) / overtone;
	return Math.round(9000 * syllable * sum * 0.7);
}

/** Writes a WAV of 16 bit, one channel. */
export async function writeVoice(path) {
	const count = rate * seconds;
	const wav = Buffer.alloc(44 + count * 2);
	wav.write("RIFF", 0);
	wav.writeUInt32LE(36 + count * 2, 4);
	wav.write("WAVEfmt ", 8);
	wav.writeUInt32LE(16, 16);
	wav.writeUInt16LE(1, 20);
	wav.writeUInt16LE(1, 22);
	wav.writeUInt32LE(rate, 24);
	wav.writeUInt32LE(rate * 2, 28);
	wav.writeUInt16LE(2, 32);
	wav.writeUInt16LE(16, 34);
	wav.write("data", 36);
	wav.writeUInt32LE(count * 2, 40);
	for (let at = 0; at < count; at += 1)
		wav.writeInt16LE(Math.max(-32_768, Math.min(32_767, sample(at))), 44 + at * 2);
	await writeFile(path, wav);
}
