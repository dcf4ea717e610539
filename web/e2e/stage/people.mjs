/** People: a browser each, watched for what it says on its console, asks of others, hears, sees and captures. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";
import { writeVoice } from "./voice.mjs";

const flags =
	"--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --use-fake-device-for-media-stream --use-fake-ui-for-media-stream";

/** With more flags for it; another program may stand for Chromium, to start it in another network. */
export async function openBrowser({ more = [], executablePath = "/usr/bin/chromium" } = {}) {
	const voice = join(await mkdtemp(join(tmpdir(), "kloud-voice-")), "voice.wav");
	await writeVoice(voice);
	const args = [...flags.split(" "), `--use-file-for-fake-audio-capture=${voice}`, ...more];
	const browser = await chromium.launch({ executablePath, args });
	browser.on("disconnected", () => void rm(dirname(voice), { recursive: true, force: true }));
	return browser;
}

/** Runs in the page, before anything else. */
function watchMedia() {
	const connections = [];
	const Real = window.RTCPeerConnection;
	window.RTCPeerConnection = class extends Real {
		constructor(...words) {
			super(...words);
			connections.push(this);
		}
	};
	// A closed connection forgets; what it had heard still counts.
	const streams = new Map();
	window.heard = async () => {
		for (const [at, connection] of connections.entries())
			for (const report of (await connection.getStats()).values())
				if (report.type === "inbound-rtp") streams.set(`${at} ${report.ssrc}`, report);
		const sum = { frames: 0, pictures: 0, freezes: 0, lost: 0, energy: 0, audioPackets: 0, videoPackets: 0 };
		for (const report of streams.values()) {
			sum.lost += report.packetsLost ?? 0;
			if (report.kind === "video") {
				sum.frames += report.framesDecoded ?? 0;
				sum.pictures += report.framesPerSecond > 0 ? 1 : 0;
				sum.freezes += report.freezeCount ?? 0;
				sum.videoPackets += report.packetsReceived ?? 0;
			} else {
				sum.energy += report.totalAudioEnergy ?? 0;
				sum.audioPackets += report.packetsReceived ?? 0;
			}
		}
		return sum;
	};
	window.sent = async () => {
		const sum = { audioPackets: 0, videoPackets: 0 };
		for (const connection of connections)
			for (const report of (await connection.getStats()).values())
				if (report.type === "outbound-rtp") sum[`${report.kind}Packets`] += report.packetsSent;
		return sum;
	};
	window.captures = 0;
	window.captured = [];
	const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
	if (real)
		navigator.mediaDevices.getUserMedia = async (wanted) => {
			window.captures += 1;
			const stream = await real(wanted);
			window.captured.push(...stream.getTracks());
			return stream;
		};
}

/** A fresh person's browser. */
export async function person(browser, origin, options = {}) {
	const context = await browser.newContext({
		viewport: { width: 1440, height: 900 },
		locale: "en",
		...options,
	});
	await context.addInitScript(watchMedia);
	const page = await context.newPage();
	const faults = [];
	page.on("pageerror", (error) => faults.push(error.message));
	page.on("request", (request) => {
		if (
			!/^(data|blob):/.test(request.url()) &&
			!request.url().startsWith(origin.replace("http", "")) &&
			!new URL(request.url()).host.startsWith("localhost")
		)
			faults.push(`asked ${request.url()}`);
	});
	return { context, page, faults };
}

export const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Waits until what a page has heard fits, and answers it. */
export async function until(page, fits, what) {
	const deadline = performance.now() + 30_000;
	for (;;) {
		const now = await page.evaluate(() => window.heard());
		if (fits(now)) return now;
		if (performance.now() > deadline) throw new Error(`${what} did not happen: ${JSON.stringify(now)}`);
		await page.evaluate(() => new Promise(requestAnimationFrame));
	}
}
