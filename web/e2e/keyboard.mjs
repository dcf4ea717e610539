/**
 * The whole journey by keyboard alone on the real binary: setup, account, meeting, link, guest, devices, chat, leaving,
 * permissions, signing out. Nothing is clicked and nothing is focused by the script.
 *
 * node e2e/keyboard.mjs <the kloud binary> [folder for pictures]
 */
import assert from "node:assert/strict";
import { hands } from "./stage/keyboard.mjs";
import { createLook } from "./stage/look.mjs";
import { button, openBrowser, person, until } from "./stage/people.mjs";
import { walkRecap, walkRoom } from "./stage/room-by-keyboard.mjs";
import { place } from "./stage/server.mjs";
import { createStory } from "./stage/story.mjs";

const [binary, pictures] = process.argv.slice(2);
if (!binary) throw new Error("say where the binary is: node e2e/keyboard.mjs <kloud>");
const password = "correct horse battery";

const server = await place(binary);
const { origin } = server;
const { step, end } = createStory();
const { failed } = await createLook(pictures);
const browser = await openBrowser();
const words = await server.start();
const operator = await person(browser, origin);
const host = await person(browser, origin, { permissions: ["clipboard-write"] });
const guest = await person(browser, origin);
for (const each of [operator, host, guest]) each.hands = await hands(each.page);

/** A dock's device by its button, and the question that its first press asks. */
async function turnOn({ page, hands }, device) {
	await hands.press(button(page, `Turn on ${device}`).first());
	await hands.press(page.getByRole("alertdialog").getByRole("button", { name: `Turn on ${device}` }));
	await button(page, `Turn off ${device}`).waitFor();
	assert.match(await hands.where(), new RegExp(`Turn o(n|ff) ${device}`), "back on the button that asked");
}

async function write({ page, hands }, text) {
	await hands.press(page.getByRole("button", { name: /^Chat/ }));
	await hands.type(page.getByRole("textbox", { name: "Message everyone here" }), text);
	await page.keyboard.press("Enter");
}

/** The palette from anywhere, by what one looks for. */
async function jump({ page, hands }, open, text, heading) {
	await open();
	await page.getByRole("dialog", { name: "Search" }).waitFor();
	await page.keyboard.type(text);
	await page.getByRole("menuitem", { name: heading }).waitFor();
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Enter");
	await hands.arrivesAt(heading);
}

try {
	await step("the first start makes the instance and its operator", async () => {
		const { page, hands } = operator;
		await page.goto(words.match(/http:\/\/\S+/)[0]);
		await hands.type(page.getByRole("textbox", { name: "Name" }), "Design group");
		await page.keyboard.press("Enter");
		await hands.type(page.getByRole("textbox", { name: "Name or role" }), "Maya Köhler");
		await hands.type(page.getByRole("textbox", { name: /^E-mail or another way/ }), "privacy@kloud.example");
		await hands.press(button(page, "Continue"));
		await hands.type(page.locator("[name=identifier]"), "operator@kloud.example");
		await hands.type(page.locator("[name=nickname]"), "Olga");
		await hands.type(page.locator("[name=password]"), password);
		await hands.press(button(page, "Set up Kloud"));
		await hands.press(button(page, "I kept them"));
		await button(page, "New meeting").waitFor();
	});

	await step("somebody makes an account", async () => {
		const { page, hands } = host;
		await page.goto(`${origin}/sign-in`);
		await hands.press(page.getByRole("link", { name: /^Make an account/ }));
		await hands.arrivesAt("Make an account");
		await hands.type(page.locator("[name=identifier]"), "lin@kloud.example");
		await hands.type(page.locator("[name=nickname]"), "Lin");
		await hands.type(page.locator("[name=password]"), password);
		await hands.press(button(page, "Make account"));
		await hands.press(button(page, "I kept them"));
		await button(page, "New meeting").waitFor();
	});

	await step("a meeting is started, and its link copied", async () => {
		const { page, hands } = host;
		await hands.press(button(page, "New meeting"));
		await page.waitForURL(/\/m\/[a-z2-9-]+$/);
		await hands.press(button(page, "Join with everything off"));
		await hands.press(button(page, "Copy link").first());
		await page.getByText("Link copied").waitFor();
	});

	await step("a guest follows the link and comes in by a name", async () => {
		const { page, hands } = guest;
		// Pasted where there is a field, as into an address bar.
		await page.goto(`${origin}/sign-in`);
		await hands.to(page.locator("[name=identifier]"));
		await page.keyboard.press("Control+v");
		const link = await page.locator("[name=identifier]").inputValue();
		assert.equal(link, host.page.url());
		await page.goto(link);
		await hands.type(page.getByRole("textbox", { name: "Your name" }), "Omar");
		await hands.press(button(page, "Join with everything off"));
		await page.getByRole("navigation", { name: "Meeting controls" }).waitFor();
		await host.page.locator("[data-identity]").nth(1).waitFor();
	});

	await step("microphone and camera are turned on, and both see and hear", async () => {
		for (const each of [host, guest])
			for (const device of ["microphone", "camera"]) await turnOn(each, device);
		for (const { page } of [host, guest])
			await until(page, ({ frames, energy }) => frames > 10 && energy > 0.001, "seeing and hearing");
	});

	await step("both write, and read each other", async () => {
		await write(host, "hello from Lin");
		await write(guest, "hello from Omar");
		for (const { page } of [host, guest]) {
			await page.getByText("hello from Lin").first().waitFor();
			await page.getByText("hello from Omar").first().waitFor();
		}
	});

	await step("the panel closes by Escape, and the focus goes back to its button", async () => {
		const { page, hands } = host;
		await page.keyboard.press("Escape");
		await page.getByRole("textbox", { name: "Message everyone here" }).waitFor({ state: "detached" });
		assert.match(await hands.where(), /Chat/);
	});

	await walkRoom({ step, host, guest });

	await step("the camera is taken back in another tab, and goes off in the room", async () => {
		const tab = await host.page.context().newPage();
		const fingers = await hands(tab);
		await tab.goto(`${origin}/me/permissions`);
		await fingers.press(tab.getByRole("switch", { name: "Camera" }), "Space");
		await tab.getByRole("switch", { name: "Camera" }).waitFor({ state: "detached" });
		await tab.close();
		await button(host.page, "Turn on camera").first().waitFor();
	});

	await step("both leave, and begin at what is said then", async () => {
		for (const { page, hands } of [guest, host]) {
			await hands.press(button(page, "Leave"));
			await hands.arrivesAt("You left");
		}
		await host.hands.press(host.page.getByRole("link", { name: "Home", exact: true }));
		await button(host.page, "New meeting").waitFor();
	});

	await walkRecap({ step, host });

	await step("a jump by the palette begins at the new page's heading", async () => {
		const { page, hands } = host;
		const palette = {
			byKey: () => page.keyboard.press("Control+k"),
			byRail: () => page.keyboard.press("Enter"),
		};
		await jump(host, palette.byKey, "perm", "Permissions");
		await jump(host, palette.byKey, "my da", "My data");
		await jump(host, palette.byKey, "my da", "My data");
		await hands.to(page.getByRole("button", { name: /^Search/ }));
		await jump(host, palette.byRail, "perm", "Permissions");
		await jump(host, palette.byKey, "prof", "Profile");
		await hands.to(page.getByRole("textbox", { name: /^Nickname/ }));
		await jump(host, palette.byKey, "perm", "Permissions");
	});

	await step("so does one whose program comes late", async () => {
		const { page, hands } = host;
		let release = () => {};
		const held = new Promise((resolve) => {
			release = resolve;
		});
		await page.route("**/assets/*.js", async (route) => {
			await held;
			await route.continue();
		});
		const byKey = () => page.keyboard.press("Control+k");
		const late = jump(host, byKey, "contact", "Contact us");
		await page.getByRole("heading", { level: 1 }).waitFor({ state: "detached" });
		release();
		await late;
		await page.unroute("**/assets/*.js");
		await page.locator("main").getByText("privacy@kloud.example").waitFor();
		assert.match(await hands.where(), /^h1 Contact us/);
		await jump(host, byKey, "perm", "Permissions");
	});

	await step("what was allowed for the meeting ended with it", async () => {
		const { page } = host;
		await page.getByText("Asked when used").first().waitFor();
		assert.equal(await page.getByRole("switch").count(), 0);
	});

	await step("my data opens line by line", async () => {
		const { page, hands } = host;
		await hands.press(page.getByRole("link", { name: "My data" }));
		await hands.arrivesAt("My data");
		await hands.press(page.locator("summary", { hasText: "Profile" }));
		await page.getByRole("rowheader", { name: "Nickname" }).waitFor();
		await page.keyboard.press("Enter");
		await page.getByRole("rowheader", { name: "Nickname" }).waitFor({ state: "hidden" });
	});

	await step("signed out", async () => {
		const { page, hands } = host;
		await jump(host, () => page.keyboard.press("Control+k"), "profile", "Profile");
		await hands.press(button(page, "Sign out on this device"));
		await page.waitForURL(/\/sign-in/);
		await page.getByRole("heading", { name: "Sign in" }).waitFor();
	});
	const stops = [operator, host, guest].reduce((sum, { hands }) => sum + hands.stops(), 0);
	console.log(`# ${stops} stops, the focus seen at each`);
	for (const { faults } of [operator, host, guest]) assert.deepEqual(faults, []);
	end();
} catch (error) {
	for (const [name, { page, hands }] of Object.entries({ operator, host, guest })) {
		console.error(`# ${name} is at ${page.url()}, on: ${await hands.where().catch(() => "?")}`);
		await failed(page, name);
	}
	end(error);
} finally {
	await browser.close();
	await server.remove();
}
