/**
 * The whole journey on the real binary with two real browsers: first start, account, meeting, guest by link, devices at
 * the press of their button, media both ways, chat, a kill and a restart, withdrawal, cancellation, and a look for what
 * should be gone.
 *
 * node e2e/journey.mjs <the kloud binary> [folder for pictures]
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const [binary, pictures] = process.argv.slice(2);
if (!binary) throw new Error("say where the binary is: node e2e/journey.mjs <kloud>");
const flags =
	"--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --use-fake-device-for-media-stream --use-fake-ui-for-media-stream";
const canaries = {
	identifier: "canary-identifier@example.org",
	nickname: "Canary Nickname",
	title: "Canary Title",
	message: "canary-message-of-the-account",
};
const password = "correct horse battery";
const data = await mkdtemp(join(tmpdir(), "kloud-journey-"));
if (pictures) await mkdir(pictures, { recursive: true });
let passed = 0;

async function step(name, work) {
	const began = performance.now();
	await work();
	passed += 1;
	console.log(`ok ${passed} - ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

const freePort = () =>
	new Promise((resolve) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
const port = await freePort();
const mediaPort = await freePort();
const origin = `http://localhost:${port}`;

/** Starts the server and answers it with its first words, once it says where it is. */
async function serve(...more) {
	const child = spawn(binary, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`, ...more], {
		env: { ...process.env, KLOUD_MEDIA__PORT: String(mediaPort), KLOUD_LOG: "warn,kloud=debug" },
	});
	child.log = "";
	child.stderr.on("data", (text) => {
		child.log += text;
	});
	const words = await new Promise((resolve, reject) => {
		let said = "";
		child.stdout.on("data", (text) => {
			said += text;
			if (/http:\/\/\S+\n/.test(said)) resolve(said);
		});
		child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${child.log}`)));
	});
	child.removeAllListeners("exit");
	return { child, words };
}

const ended = (child) => new Promise((resolve) => child.once("exit", resolve));
async function stop(child, signal) {
	const gone = ended(child);
	child.kill(signal);
	await gone;
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags.split(" ") });

/** A fresh person's browser; what it says on its console and asks of others is watched. */
async function person(options = {}) {
	const context = await browser.newContext({
		viewport: { width: 1440, height: 900 },
		locale: "en",
		...options,
	});
	await context.addInitScript(() => {
		const connections = [];
		const Real = window.RTCPeerConnection;
		window.RTCPeerConnection = class extends Real {
			constructor(...words) {
				super(...words);
				connections.push(this);
			}
		};
		window.heard = async () => {
			const sum = { frames: 0, energy: 0, audioPackets: 0, videoPackets: 0 };
			for (const connection of connections) {
				for (const report of (await connection.getStats()).values()) {
					if (report.type !== "inbound-rtp") continue;
					if (report.kind === "video") {
						sum.frames += report.framesDecoded ?? 0;
						sum.videoPackets += report.packetsReceived ?? 0;
					} else {
						sum.energy += report.totalAudioEnergy ?? 0;
						sum.audioPackets += report.packetsReceived ?? 0;
					}
				}
			}
			return sum;
		};
		window.captures = 0;
		const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
		if (real)
			navigator.mediaDevices.getUserMedia = (wanted) => {
				window.captures += 1;
				return real(wanted);
			};
	});
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

const button = (page, name) => page.getByRole("button", { name, exact: true });
async function look(page, name) {
	if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
	const { violations } = await new AxeBuilder({ page }).analyze();
	assert.deepEqual(
		violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(" | ")}`),
		[],
		`axe on ${name}`,
	);
}
/** Waits until what a page has heard fits, and answers it. */
async function until(page, fits, what) {
	const deadline = performance.now() + 30_000;
	for (;;) {
		const now = await page.evaluate(() => window.heard());
		if (fits(now)) return now;
		if (performance.now() > deadline) throw new Error(`${what} did not happen: ${JSON.stringify(now)}`);
		await page.evaluate(() => new Promise(requestAnimationFrame));
	}
}

let { child: server, words } = await serve();
const host = await person();
const guest = await person();
let link;
try {
	await step("the first start makes the instance and its operator", async () => {
		const { page } = host;
		await page.goto(words.match(/http:\/\/\S+/)[0]);
		await page.getByRole("textbox", { name: "Name" }).fill("Design group");
		await look(page, "setup");
		await button(page, "Continue").click();
		await page.getByRole("textbox", { name: "Name or role" }).fill("Maya Köhler");
		await page.getByRole("textbox", { name: /^E-mail or another way/ }).fill("privacy@kloud.example");
		await button(page, "Continue").click();
		await page.locator("[name=identifier]").fill(canaries.identifier);
		await page.locator("[name=nickname]").fill(canaries.nickname);
		await page.locator("[name=password]").fill(password);
		await button(page, "Set up Kloud").click();
		await page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").nth(9).waitFor();
		await button(page, "I kept them").click();
		await page
			.getByRole("button", { name: /^New meeting/ })
			.first()
			.waitFor();
		await look(page, "home");
	});

	await step("a meeting is made and its host goes in with everything off", async () => {
		const { page } = host;
		await button(page, "New meeting with a title").click();
		await page.getByRole("textbox", { name: /^Title/ }).fill(canaries.title);
		await button(page, "Start").click();
		await page.waitForURL(/\/m\/[a-z2-9-]+$/);
		link = page.url();
		await page.getByRole("button", { name: /^Join/ }).waitFor();
		await look(page, "prejoin");
		await button(page, "Join with everything off").click();
		await page.getByRole("navigation", { name: "Meeting controls" }).waitFor();
		assert.equal(await page.evaluate(() => window.captures), 0, "no device was asked for");
	});

	await step("a guest without an account comes in by the link", async () => {
		const { page } = guest;
		await page.goto(link);
		await page.getByRole("textbox", { name: "Your name" }).fill("Guest Omar");
		await look(page, "door");
		await button(page, "Join with everything off").click();
		await page.getByRole("navigation", { name: "Meeting controls" }).waitFor();
		assert.equal(await page.evaluate(() => window.captures), 0, "no device was asked for");
		await host.page.locator("[data-identity]").nth(1).waitFor();
	});

	await step("devices are asked for at the press of their button, and both see and hear", async () => {
		for (const { page } of [host, guest]) {
			for (const device of ["microphone", "camera"]) {
				await button(page, `Turn on ${device}`).first().click();
				await page
					.getByRole("dialog")
					.or(page.getByRole("alertdialog"))
					.or(page.getByRole("region"))
					.getByRole("button", { name: `Turn on ${device}`, exact: true })
					.last()
					.click();
				await button(page, `Turn off ${device}`).waitFor();
			}
		}
		for (const { page } of [host, guest])
			await until(page, ({ frames, energy }) => frames > 30 && energy > 0.001, "seeing and hearing");
		await look(host.page, "room-host");
		await look(guest.page, "room-guest");
	});

	await step("both write, and read each other", async () => {
		for (const { page } of [host, guest]) await page.getByRole("button", { name: /^Chat/ }).first().click();
		for (const [{ page }, text] of [
			[host, canaries.message],
			[guest, "hello from the guest"],
		]) {
			await page.getByRole("textbox", { name: "Message everyone here" }).fill(text);
			await page.keyboard.press("Enter");
		}
		for (const { page } of [host, guest]) {
			await page.getByText(canaries.message).waitFor();
			await page.getByText("hello from the guest").waitFor();
		}
		await look(host.page, "room-chat");
	});

	await step("killed and started again: both are back with everything", async () => {
		await stop(server, "SIGKILL");
		const began = performance.now();
		({ child: server } = await serve());
		for (const { page } of [host, guest]) {
			const before = await page.evaluate(() => window.heard());
			await until(page, ({ audioPackets }) => audioPackets > before.audioPackets + 100, "hearing again");
			await page.getByText(canaries.message).waitFor();
		}
		console.log(`# both were back after ${Math.round(performance.now() - began)} ms`);
	});

	await step("the camera is taken back under Me, and nothing more of it arrives", async () => {
		const me = await guestOrHostTab(host);
		await me.goto(`${origin}/me/permissions`);
		const camera = me.getByRole("switch", { name: "Camera" });
		await camera.waitFor();
		await look(me, "permissions");
		await camera.press("Space");
		await camera.waitFor({ state: "detached" });
		const shut = await guest.page.evaluate(() => window.heard());
		const later = await until(
			guest.page,
			({ audioPackets }) => audioPackets > shut.audioPackets + 200,
			"hearing on",
		);
		assert.ok(later.frames - shut.frames <= 30, `pictures went on: ${later.frames - shut.frames}`);
		const still = await until(
			guest.page,
			({ audioPackets }) => audioPackets > later.audioPackets + 100,
			"hearing on",
		);
		assert.equal(still.frames, later.frames, "no picture arrives any more");
		const measures = [...server.log.matchAll(/permits hold shut_ms=(\d+) last_packet_ms=(\d+)/g)];
		assert.ok(measures.length > 0, "the server measured");
		for (const [, shutMs, lastMs] of measures)
			assert.ok(Number(shutMs) < 1000 && Number(lastMs) < 1000, `${shutMs} ${lastMs}`);
		await button(host.page, "Turn on camera").waitFor();
		await me.close();
	});

	await step("the account is cancelled and its certificate comes", async () => {
		await button(host.page, "Leave").click();
		await stop(server, "SIGTERM");
		// The password is younger than a week, so the end would wait; the clock goes on instead.
		({ child: server } = await serve("--clock-ahead-hours", "200"));
		const page = await guestOrHostTab(host);
		await page.goto(`${origin}/me`);
		await page.getByRole("link", { name: "My data" }).click();
		await page.getByText(canaries.nickname).first().waitFor();
		await look(page, "my-data");
		await page.getByRole("link", { name: "About" }).click();
		await page.getByRole("link", { name: /Account cancellation/ }).click();
		await look(page, "cancellation");
		await button(page, "Continue to cancel").click();
		await button(page, "Cancel my account").click();
		await page.locator("input[type=password]").fill(password);
		await button(page, "It is me").click();
		await page.waitForURL(/\/cancelled/);
		await page.getByText("Certificate signed").waitFor();
		await button(page, "Download the signed certificate").waitFor({ timeout: 20_000 });
		await look(page, "cancelled");
	});

	await step("nothing of the account is left in any file", async () => {
		await stop(server, "SIGTERM");
		const found = [];
		for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
			if (!entry.isFile()) continue;
			const bytes = await readFile(join(entry.parentPath ?? entry.path, entry.name));
			for (const [name, word] of Object.entries(canaries))
				for (const form of [
					Buffer.from(word),
					Buffer.from(word, "utf16le"),
					Buffer.from(encodeURIComponent(word)),
				])
					if (bytes.includes(form)) found.push(`${name} in ${entry.name}`);
		}
		assert.deepEqual(found, []);
	});
	assert.deepEqual([...host.faults, ...guest.faults], [], "no page failed, nobody else was asked");
	console.log(`${passed} passed, 0 failed`);
} catch (error) {
	console.error(error);
	for (const [name, { page }] of Object.entries({ host, guest }))
		if (pictures) await page.screenshot({ path: join(pictures, `FAILED-${name}.png`) }).catch(() => {});
	console.error(server.log.split("\n").slice(-20).join("\n"));
	console.log(`${passed} passed, 1 failed`);
	process.exitCode = 1;
} finally {
	await browser.close();
	server.kill("SIGKILL");
	await rm(data, { recursive: true, force: true });
}

async function guestOrHostTab({ context }) {
	return await context.newPage();
}
