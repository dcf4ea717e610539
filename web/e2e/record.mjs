/**
 * Records anew what the load clients send: a moving picture in the three sizes of a camera and a voice, from the
 * browser's own encoders. Each file is IVF, a header and frames with their length and time.
 *
 * node e2e/record.mjs ../crates/load/recording
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { writeVoice } from "./stage/voice.mjs";

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("say where to: node e2e/record.mjs <folder>");
const seconds = 2;
const layers = [
	{ name: "q", width: 320, height: 180, bitrate: 110_000, rate: 15 },
	{ name: "h", width: 640, height: 360, bitrate: 400_000, rate: 20 },
	{ name: "f", width: 1280, height: 720, bitrate: 1_000_000, rate: 30 },
];

/** Runs in the page: somebody who nods and speaks in front of a wall, seen by a camera that is not quite still. */
async function recordPicture({ width, height, bitrate, rate, seconds }) {
	const canvas = new OffscreenCanvas(width, height);
	const pen = canvas.getContext("2d");
	const unit = height / 180;
	const ellipse = (x, y, across, down, colour) => {
		pen.fillStyle = colour;
		pen.beginPath();
		pen.ellipse(x * unit, y * unit, across * unit, down * unit, 0, 0, 2 * Math.PI);
		pen.fill();
	};
	const draw = (turn) => {
		const [sway, nod] = [8 * Math.sin(turn), 4 * Math.sin(2 * turn)];
		const wall = pen.createLinearGradient(0, 0, width, height);
		wall.addColorStop(0, "#8fa3b5");
		wall.addColorStop(1, "#3f4c5a");
		pen.fillStyle = wall;
		pen.fillRect(0, 0, width, height);
		for (let shelf = 0; shelf < 24; shelf += 1) {
			pen.fillStyle = `hsl(${shelf * 47} 40% ${30 + (shelf % 5) * 8}%)`;
			pen.fillRect(
				(shelf * 13.4 + Math.sin(turn) * 0.5) * unit,
				(20 + (shelf % 3) * 4) * unit,
				9 * unit,
				44 * unit,
			);
		}
		ellipse(160 + sway / 2, 200, 90, 70, "#27405e");
		ellipse(160 + sway, 96 + nod, 42, 54, "#d9a98a");
		ellipse(160 + sway, 58 + nod, 44, 26, "#3a2a20");
		for (const side of [-1, 1]) ellipse(160 + sway + side * 16, 90 + nod, 5, 4, "#20242a");
		ellipse(160 + sway, 124 + nod, 14, 3 + 5 * Math.abs(Math.sin(7 * turn)), "#7a2f2f");
		for (let grain = 0; grain < 400; grain += 1) {
			pen.fillStyle = `rgb(255 255 255 / ${Math.random() * 0.06})`;
			pen.fillRect(Math.random() * width, Math.random() * height, 3 * unit, 3 * unit);
		}
	};
	const frames = [];
	const encoder = new VideoEncoder({
		output(chunk) {
			const bytes = new Uint8Array(chunk.byteLength);
			chunk.copyTo(bytes);
			frames.push([...bytes]);
		},
		error: (error) => console.error(error),
	});
	encoder.configure({ codec: "vp8", width, height, bitrate, framerate: rate, latencyMode: "realtime" });
	for (let at = 0; at < rate * seconds; at += 1) {
		draw((2 * Math.PI * at) / (rate * seconds));
		const frame = new VideoFrame(canvas, { timestamp: (at * 1e6) / rate });
		encoder.encode(frame, { keyFrame: at === 0 });
		frame.close();
		await new Promise((next) => setTimeout(next, 1000 / rate));
	}
	await encoder.flush();
	return frames;
}

/** Runs in the page: the samples of a WAV, in packets of 20 ms. */
async function recordVoice({ wav, seconds }) {
	const samples = Float32Array.from(
		new Int16Array(new Uint8Array(wav).slice(44).buffer),
		(each) => each / 32_768,
	);
	const packets = [];
	const encoder = new AudioEncoder({
		output(chunk) {
			const bytes = new Uint8Array(chunk.byteLength);
			chunk.copyTo(bytes);
			packets.push([...bytes]);
		},
		error: (error) => console.error(error),
	});
	const opus = { frameDuration: 20_000, application: "voip" };
	encoder.configure({ codec: "opus", sampleRate: 48_000, numberOfChannels: 1, bitrate: 32_000, opus });
	const data = samples.slice(0, 48_000 * seconds);
	const words = { format: "f32", sampleRate: 48_000, numberOfChannels: 1, timestamp: 0 };
	encoder.encode(new AudioData({ ...words, numberOfFrames: data.length, data }));
	await encoder.flush();
	return packets;
}

function ivf(fourcc, { width = 0, height = 0, rate }, frames) {
	const header = Buffer.alloc(32);
	header.write("DKIF", 0);
	header.writeUInt16LE(32, 6);
	header.write(fourcc, 8);
	header.writeUInt16LE(width, 12);
	header.writeUInt16LE(height, 14);
	header.writeUInt32LE(rate, 16);
	header.writeUInt32LE(1, 20);
	header.writeUInt32LE(frames.length, 24);
	const parts = frames.flatMap((frame, at) => {
		const before = Buffer.alloc(12);
		before.writeUInt32LE(frame.length, 0);
		before.writeBigUInt64LE(BigInt(at), 4);
		return [before, Buffer.from(frame)];
	});
	return Buffer.concat([header, ...parts]);
}

const browser = await chromium.launch({
	executablePath: "/usr/bin/chromium",
	args: ["--no-sandbox", "--disable-gpu"],
});
try {
	const page = await browser.newPage();
	page.on("console", (line) => console.error(line.text()));
	// Encoders are there only on a page that counts as secure.
	await page.route("http://localhost/", (route) => route.fulfill({ contentType: "text/html", body: "<p>" }));
	await page.goto("http://localhost/");
	await mkdir(folder, { recursive: true });
	for (const layer of layers) {
		const frames = await page.evaluate(recordPicture, { ...layer, seconds });
		await writeFile(join(folder, `${layer.name}.ivf`), ivf("VP80", layer, frames));
	}
	const wav = join(tmpdir(), `kloud-voice-${process.pid}.wav`);
	await writeVoice(wav);
	const packets = await page.evaluate(recordVoice, { wav: [...(await readFile(wav))], seconds });
	await rm(wav);
	await writeFile(join(folder, "voice.ivf"), ivf("Opus", { rate: 50 }, packets));
} finally {
	await browser.close();
}
