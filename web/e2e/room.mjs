/**
 * The room on the real binary with a host and a guest: hands, reactions, what a host can do and what it looks like on the
 * other side, devices, noise, another window, and the lobby again.
 *
 * node e2e/room.mjs <the kloud binary> [folder for pictures]
 */
import assert from "node:assert/strict";
import { createLook } from "./stage/look.mjs";
import { button, openBrowser, person, until } from "./stage/people.mjs";
import { place } from "./stage/server.mjs";
import { createStory } from "./stage/story.mjs";

const [binary, pictures] = process.argv.slice(2);
if (!binary) throw new Error("say where the binary is: node e2e/room.mjs <kloud>");
const server = await place(binary);
const { origin } = server;
const { step, end } = createStory();
const { look, failed } = await createLook(pictures);
const browser = await openBrowser();
// Room for two: whoever comes as the third meets a full server.
process.env.KLOUD_MEDIA__MAX_PARTICIPANTS = "2";
const words = await server.start();
const host = await person(browser, origin);
const guest = await person(browser, origin);
const late = await person(browser, origin);
const inRoom = (page) => page.getByRole("navigation", { name: "Meeting controls" }).waitFor();
const guestInPeople = () =>
	host.page.getByRole("complementary").getByRole("button", { name: /^Guest Omar:/ });
const choose = (page, name) => page.getByRole("menuitem", { name, exact: true }).click();

try {
	await step("a host and a guest are in", async () => {
		const { page } = host;
		await page.goto(words.match(/http:\/\/\S+/)[0].replace(/^http:\/\/[^/]+/, origin));
		await page.getByRole("textbox", { name: "Name" }).fill("Design group");
		await button(page, "Continue").click();
		await page.getByRole("textbox", { name: "Name or role" }).fill("Maya Köhler");
		await page.getByRole("textbox", { name: /^E-mail or another way/ }).fill("privacy@kloud.example");
		await button(page, "Continue").click();
		await page.locator("[name=identifier]").fill("maya@example.org");
		await page.locator("[name=nickname]").fill("Maya Köhler");
		await page.locator("[name=password]").fill("correct horse battery");
		await button(page, "Set up Kloud").click();
		await button(page, "I kept them").click();
		await button(page, "New meeting with a title").click();
		await page.getByRole("textbox", { name: /^Title/ }).fill("Design review");
		await button(page, "Start").click();
		await page.waitForURL(/\/m\/[a-z2-9-]+$/);
		await button(page, "Join with everything off").click();
		await inRoom(page);
		await guest.page.goto(page.url());
		await guest.page.getByRole("textbox", { name: "Your name" }).fill("Guest Omar");
		await button(guest.page, "Join with everything off").click();
		await inRoom(guest.page);
		await page.locator("[data-identity]").nth(1).waitFor();
	});

	await step("a hand is raised by its key, and is seen with its place; a host lowers it", async () => {
		await guest.page.locator("#main").focus();
		await guest.page.keyboard.press("h");
		await host.page.getByText("Hand raised, place in the queue:").waitFor();
		await host.page.locator("#main").focus();
		await host.page.keyboard.press("p");
		await button(host.page, "Lower the hand of Guest Omar").click();
		await button(guest.page, "Raise hand").waitFor();
	});

	await step("a reaction arrives and is said", async () => {
		await button(guest.page, "React").click();
		await button(guest.page, "Applause").click();
		await host.page.getByText("Guest Omar: 👏").waitFor({ state: "attached" });
		await guest.page.keyboard.press("Escape");
	});

	await step("a host asks, and it comes on only by a yes", async () => {
		await guestInPeople().click();
		await choose(host.page, "Ask to unmute");
		const card = guest.page.getByRole("alertdialog", { name: "A host asks you to unmute" });
		await card.waitFor();
		assert.equal(await guest.page.evaluate(() => window.captures), 0, "nothing came on by itself");
		await look(guest.page, "asked");
		await button(card, "Turn on microphone").click();
		await button(guest.page, "Turn off microphone").waitFor();
		await until(host.page, ({ energy }) => energy > 0.001, "hearing the guest");
		await host.page.getByText("Guest Omar is speaking").waitFor({ state: "attached" });
	});

	await step("noise is taken out, and the voice goes on", async () => {
		await button(guest.page, "Sound settings").click();
		const noise = guest.page.getByRole("switch", { name: "Take out background noise" });
		await noise.press("Space");
		const before = await host.page.evaluate(() => window.heard());
		await until(
			host.page,
			({ energy, audioPackets }) => audioPackets > before.audioPackets + 100 && energy > before.energy,
			"hearing through the filter",
		);
		assert.ok(await noise.isChecked(), "the filter is on");
		assert.equal(await guest.page.getByText("This browser cannot take out noise").count(), 0);
		await look(guest.page, "sound");
		await guest.page.keyboard.press("Escape");
	});

	await step("a host mutes and keeps muted: it is said on both sides, and a press does nothing", async () => {
		await guestInPeople().click();
		await choose(host.page, "Mute and keep muted");
		await host.page.getByText("kept muted").waitFor();
		await guest.page.getByText(/A host keeps your microphone off\. You still/).waitFor();
		await look(guest.page, "held");
		const held = guest.page.getByRole("button", { name: /^Turn on microphone\. A host keeps/ });
		await held.click({ force: true });
		assert.equal(await held.getAttribute("aria-pressed"), "false");
		await guestInPeople().click();
		await choose(host.page, "Allow microphone again");
		await guest.page.getByText("You may use your microphone again.", { exact: false }).waitFor();
		await button(guest.page, "Turn on microphone").waitFor();
	});

	await step("held Space speaks, and its end is silence", async () => {
		// The host's hold did not end the yes: the first press is enough.
		await button(guest.page, "Turn on microphone").click();
		await button(guest.page, "Turn off microphone").click();
		await button(guest.page, "Turn on microphone").waitFor();
		await guest.page.locator("#main").focus();
		await guest.page.keyboard.down("Space");
		await button(guest.page, "Turn off microphone").waitFor();
		await guest.page.keyboard.up("Space");
		await button(guest.page, "Turn on microphone").waitFor();
	});

	await step("a viewer's buttons say why, and a locked meeting says so", async () => {
		await guestInPeople().click();
		await host.page.getByRole("menuitem", { name: "Role" }).press("ArrowRight");
		await host.page.getByRole("menuitem", { name: /^Viewer/ }).click();
		await guest.page.getByRole("button", { name: /^Share screen\. You are here as a viewer/ }).waitFor();
		await button(host.page, "Host controls").click();
		await host.page.getByRole("switch", { name: "Lock the meeting" }).press("Space");
		await guest.page.getByText("Locked", { exact: true }).waitFor();
		await look(host.page, "host-controls");
		await host.page.keyboard.press("Escape");
	});

	await step("another window takes the seat; this one says so, and takes it back by a press", async () => {
		const other = await guest.context.newPage();
		await other.goto(guest.page.url());
		await button(other, "Join with everything off").click();
		await inRoom(other);
		await guest.page.getByRole("heading", { name: "You joined elsewhere" }).waitFor();
		await look(guest.page, "elsewhere");
		await button(guest.page, "Use here instead").click();
		await inRoom(guest.page);
		await other.getByRole("heading", { name: "You joined elsewhere" }).waitFor();
		await other.close();
	});

	await step("whoever is put back waits, and comes in again when let in", async () => {
		await guestInPeople().click();
		await choose(host.page, "Put back to the door");
		await guest.page.getByRole("navigation", { name: "Meeting controls" }).waitFor({ state: "detached" });
		await button(host.page, "Let in Guest Omar").click();
		await inRoom(guest.page);
	});

	await step(
		"a full server says so in words, and a press leads in as soon as somebody has left",
		async () => {
			await button(host.page, "Host controls").click();
			await host.page.getByRole("switch", { name: "Lock the meeting" }).press("Space");
			await guest.page.getByText("Locked", { exact: true }).waitFor({ state: "detached" });
			await host.page.keyboard.press("Escape");
			const { page } = late;
			await page.goto(host.page.url());
			await page.getByRole("textbox", { name: "Your name" }).fill("Late Lin");
			await button(page, "Join with everything off").click();
			const note = page.getByText("The server is full right now", { exact: false });
			await note.waitFor();
			const others = page.locator("[data-identity]").filter({ hasNotText: "(you)" });
			assert.deepEqual(
				await others.allTextContents(),
				["MKMaya Köhler", "GOGuest Omar"],
				"who is inside is shown",
			);
			assert.equal(await page.locator("[data-identity]").count(), 3, "and oneself, once");
			await look(page, "full");
			const again = page.getByRole("status").getByRole("button", { name: "Try again" });
			const refused = page.waitForResponse((answer) => answer.url().includes("/rtc/validate"));
			await again.press("Enter");
			assert.equal((await refused).status(), 503, "still full");
			await page.waitForFunction(() => document.activeElement?.dataset.pending === undefined);
			assert.ok(await again.evaluate((element) => element === document.activeElement), "the focus stays");
			await button(guest.page, "Leave").click();
			await host.page
				.locator("[data-identity]")
				.filter({ hasText: "Guest Omar" })
				.waitFor({ state: "detached" });
			await again.press("Enter");
			// By itself it would come in only after ten seconds.
			await note.waitFor({ state: "detached", timeout: 8_000 });
			await button(page, "Turn on microphone").click();
			await page.getByRole("alertdialog").getByRole("button", { name: "Turn on microphone" }).click();
			const { audioPackets } = await host.page.evaluate(() => window.heard());
			await until(host.page, (now) => now.audioPackets > audioPackets + 50, "hearing who came late");
		},
	);
	assert.deepEqual(
		[...host.faults, ...guest.faults, ...late.faults],
		[],
		"no page failed, nobody else was asked",
	);
	end();
} catch (error) {
	for (const [name, { page }] of Object.entries({ host, guest, late })) await failed(page, name);
	console.error(server.log().split("\n").slice(-80).join("\n"));
	end(error);
} finally {
	await browser.close();
	await server.remove();
}
