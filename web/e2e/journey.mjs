/**
 * The whole journey on the real binary with two real browsers: first start, account, meeting, guest by link, devices at
 * the press of their button, media both ways, chat, a kill and a restart, withdrawal, cancellation, and a look for what
 * should be gone.
 *
 * node e2e/journey.mjs <the kloud binary> [folder for pictures]
 */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createLook } from "./stage/look.mjs";
import { button, openBrowser, person, until } from "./stage/people.mjs";
import { place } from "./stage/server.mjs";
import { createStory } from "./stage/story.mjs";

const [binary, pictures] = process.argv.slice(2);
if (!binary) throw new Error("say where the binary is: node e2e/journey.mjs <kloud>");
const canaries = {
	identifier: "canary-identifier@example.org",
	nickname: "Canary Nickname",
	title: "Canary Title",
	message: "canary-message-of-the-account",
};
const password = "correct horse battery";
/** From the moment the server answers again until both hear and see. */
const backWithinMs = 10_000;

const server = await place(binary);
const { origin, data } = server;
const { step, end } = createStory();
const { look, failed } = await createLook(pictures);
const browser = await openBrowser();

const words = await server.start();
const host = await person(browser, origin);
const guest = await person(browser, origin);
/** Opens all that My data folds away, and counts. */
async function everyValueShown(page) {
	await page.locator("main details").first().waitFor();
	const closed = page.locator("main details:not([open]) > summary");
	while (await closed.count()) {
		await closed.first().click();
		await page.waitForFunction(() =>
			[...document.querySelectorAll("details[open]")].every(({ children }) => children.length > 1),
		);
	}
	await page.getByText(canaries.nickname).first().waitFor();
	const said = await page.getByText(/\d+ values, sealed/).textContent();
	assert.equal(await page.locator("main tbody tr").count(), Number(said.match(/(\d+) values, sealed/)[1]));
	assert.equal(await page.getByText("Everything else").count(), 0);
}

let link;
try {
	await step("the first start makes the instance and its operator", async () => {
		const { page } = host;
		await page.goto(words.match(/http:\/\/\S+/)[0]);
		await page.getByRole("textbox", { name: "Name" }).fill("Design group");
		await look(page, "setup");
		await button(page, "Continue").click();
		await page.getByRole("textbox", { name: "Name or role" }).waitFor();
		await look(page, "setup-officer");
		await page.getByRole("textbox", { name: "Name or role" }).fill("Maya Köhler");
		await page.getByRole("textbox", { name: /^E-mail or another way/ }).fill("privacy@kloud.example");
		await button(page, "Continue").click();
		await page.locator("[name=identifier]").fill(canaries.identifier);
		await page.locator("[name=nickname]").fill(canaries.nickname);
		await page.locator("[name=password]").fill(password);
		await look(page, "setup-account");
		await button(page, "Set up Kloud").click();
		await page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").nth(9).waitFor();
		await look(page, "recovery-codes");
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
		await look(page, "new-meeting");
		await button(page, "Start").click();
		await page.waitForURL(/\/m\/[a-z2-9-]+$/);
		link = page.url();
		await page.getByRole("button", { name: /^Join/ }).waitFor();
		await look(page, "prejoin");
		await button(page, "Join with everything off").click();
		await page.getByRole("navigation", { name: "Meeting controls" }).waitFor();
		assert.equal(await page.evaluate(() => window.captures), 0, "no device was asked for");
		await look(page, "room-alone");
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
				if (page === host.page) await look(page, `ask-${device}`);
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
		// The made-up microphone has a voice: each is seen to speak by the other.
		for (const [{ page }, name] of [
			[host, "Guest Omar"],
			[guest, canaries.nickname],
		])
			await page
				.locator("[data-identity]", { hasText: name })
				.getByText("speaking", { exact: true })
				.waitFor();
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
		await host.page
			.getByRole("button", { name: /^People/ })
			.first()
			.click();
		await look(host.page, "room-people");
		await button(host.page, "More").click();
		await host.page.getByRole("menu").waitFor();
		await look(host.page, "room-more");
		await host.page.keyboard.press("Escape");
		await host.page.getByRole("button", { name: /^Chat/ }).first().click();
	});

	await step("a page loaded again goes on in the room, with everything off", async () => {
		const { page } = guest;
		await page.reload();
		await page.getByRole("navigation", { name: "Meeting controls" }).waitFor();
		await page.locator("[data-identity]").nth(1).waitFor();
		assert.equal(await page.evaluate(() => window.captures), 0, "no device was asked for");
		for (const device of ["microphone", "camera"]) {
			await button(page, `Turn on ${device}`).first().click();
			await page
				.getByRole("alertdialog")
				.getByRole("button", { name: `Turn on ${device}` })
				.click();
			await button(page, `Turn off ${device}`).waitFor();
		}
		await page.getByRole("button", { name: /^Chat/ }).first().click();
		await page.getByText(canaries.message).waitFor();
		const before = await host.page.evaluate(() => window.heard());
		await until(host.page, ({ frames }) => frames > before.frames + 10, "seeing again");
	});

	await step("killed and started again: both are back with everything", async () => {
		await server.stop("SIGKILL");
		// Away long enough for both to have asked in vain, and to have said so with the room still there.
		await Promise.all(
			[host, guest].map(async ({ page }) => {
				await page.getByText(/^The connection broke/).waitFor();
				for (let asked = 0; asked < 5; asked += 1)
					await page.waitForEvent("requestfailed", (request) => request.url().endsWith("/healthz"));
				assert.equal(await page.locator("[data-identity]").count(), 2, "both are still shown");
			}),
		);
		await look(host.page, "room-reconnecting");
		const before = await Promise.all([host, guest].map(({ page }) => page.evaluate(() => window.heard())));
		await server.start();
		const began = performance.now();
		const waits = await Promise.all(
			[host, guest].map(async ({ page }, at) => {
				const { audioPackets, frames } = before[at];
				await until(
					page,
					(now) => now.audioPackets > audioPackets + 10 && now.frames > frames + 5,
					"hearing and seeing again",
				);
				const wait = Math.round(performance.now() - began);
				await page.getByText(canaries.message).waitFor();
				return wait;
			}),
		);
		console.log(`# back after ${waits.join(" and ")} ms`);
		assert.ok(Math.max(...waits) <= backWithinMs, `back only after ${waits}`);
	});

	await step("the camera is taken back under Me, and nothing more of it arrives", async () => {
		const me = await host.context.newPage();
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
		const measures = [...server.log().matchAll(/permits hold shut_ms=(\d+) last_packet_ms=(\d+)/g)];
		assert.ok(measures.length > 0, "the server measured");
		for (const [, shutMs, lastMs] of measures)
			assert.ok(Number(shutMs) < 1000 && Number(lastMs) < 1000, `${shutMs} ${lastMs}`);
		await button(host.page, "Turn on camera").waitFor();
		await me.close();
	});

	await step("the account is cancelled and its certificate comes", async () => {
		await host.page.getByText(/the permission was taken back/).waitFor();
		await look(host.page, "room-withdrawn");
		await button(host.page, "Leave").click();
		await host.page.getByRole("heading", { name: "You left" }).waitFor();
		await look(host.page, "after-left");
		await server.stop("SIGTERM");
		// The password is younger than a week, so the end would wait; the clock goes on instead.
		await server.start("--clock-ahead-hours", "200");
		const page = await host.context.newPage();
		await page.goto(`${origin}/me`);
		await page.getByRole("link", { name: "My data" }).click();
		await page.locator("main details").first().waitFor();
		await look(page, "my-data");
		await everyValueShown(page);
		await look(page, "my-data-open");
		for (const name of ["Profile", "Agreement and consents", "Devices and security", "Contact us"]) {
			await page.getByRole("link", { name, exact: true }).click();
			await page.getByRole("heading", { name, level: 1 }).waitFor();
			await page.getByText("Loading").waitFor({ state: "detached" });
			await look(page, name.toLowerCase().replaceAll(" ", "-"));
		}
		await page.getByRole("link", { name: "Meetings" }).click();
		await page.getByRole("link", { name: canaries.title, exact: true }).waitFor();
		await look(page, "meetings");
		await page.getByRole("link", { name: canaries.title, exact: true }).click();
		await page.getByRole("heading", { name: canaries.title }).waitFor();
		await look(page, "meeting");
		await page.goto(`${origin}/me`);
		await page.getByRole("link", { name: "About" }).click();
		await page.getByRole("link", { name: /Account cancellation/ }).click();
		await look(page, "cancellation");
		await button(page, "Continue to cancel").click();
		await button(page, "Cancel my account").click();
		await page.locator("input[type=password]").fill(password);
		await look(page, "cancellation-password");
		await button(page, "It is me").click();
		await page.waitForURL(/\/cancelled/);
		await page.getByText("Certificate signed").waitFor();
		await button(page, "Download the signed certificate").waitFor({ timeout: 20_000 });
		await look(page, "cancelled");
	});

	await step("nothing of the account is left in any file", async () => {
		await server.stop("SIGTERM");
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
	end();
} catch (error) {
	for (const [name, { page }] of Object.entries({ host, guest })) await failed(page, name);
	console.error(server.log().split("\n").slice(-20).join("\n"));
	end(error);
} finally {
	await browser.close();
	await server.remove();
}
