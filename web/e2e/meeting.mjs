/**
 * A meeting with everything that goes on in one, on the real binary with four real browsers and a passer-by: the lobby,
 * the lock, the passcode, a ban, silence that is kept against a client that does not listen, shared screens, layouts,
 * hands, the chat, a device that goes away, a phone, reloads, the end and what stays.
 *
 * node e2e/meeting.mjs <the kloud binary> [folder for pictures]
 */
import assert from "node:assert/strict";
import { ask, settle } from "./stage/instance.mjs";
import { createLook } from "./stage/look.mjs";
import { button, openBrowser, person, until } from "./stage/people.mjs";
import { place } from "./stage/server.mjs";
import { createStory } from "./stage/story.mjs";

const [binary, pictures] = process.argv.slice(2);
if (!binary) throw new Error("say where the binary is: node e2e/meeting.mjs <kloud>");
/** From the link to being heard, for somebody who was never here. */
const strangerMs = 10_000;
const strangerClicks = 3;

const server = await place(binary);
const { origin } = server;
const { step, end } = createStory();
const { look, failed } = await createLook(pictures);
const browser = await openBrowser();
const people = {};
const come = async (name, options) => {
	people[name] = await person(browser, origin, options);
	return people[name].page;
};

const controls = (page) => page.getByRole("navigation", { name: "Meeting controls" });
const dock = (page, name) => controls(page).getByRole("button", { name, exact: true });
const tileOf = (page, name) => page.locator("[data-identity]", { hasText: name });

async function joinAs(page, link, name) {
	await page.goto(link);
	if (name) await page.getByRole("textbox", { name: "Your name" }).fill(name);
	await page.getByRole("button", { name: /^Join/ }).click();
	await controls(page).waitFor();
}

async function turnOn(page, device) {
	await dock(page, `Turn on ${device}`).click();
	await page
		.getByRole("alertdialog")
		.getByRole("button", { name: `Turn on ${device}` })
		.click();
	await dock(page, `Turn off ${device}`).waitFor();
}

async function openPeople(page) {
	const open = page.getByRole("complementary", { name: "People" });
	if (!(await open.isVisible()))
		await controls(page)
			.getByRole("button", { name: /^People/ })
			.click();
	await open.waitFor();
	return open;
}

/** What a host does with a person, in the list. */
async function actOn(page, name, ...items) {
	const list = await openPeople(page);
	await list.getByRole("button", { name: `${name}: host controls` }).click();
	for (const item of items) await page.getByRole("menuitem", { name: item }).click();
}

async function hostControls(page, work) {
	await dock(page, "More").click();
	await page.getByRole("menuitem", { name: "Host controls" }).click();
	const dialog = page.getByRole("dialog", { name: "Host controls" });
	await dialog.waitFor();
	await work(dialog);
	await page.keyboard.press("Escape");
	await dialog.waitFor({ state: "detached" });
}

const handsIn = async (page) => {
	const list = (await openPeople(page)).getByRole("region", { name: "Raised hands" }).getByRole("listitem");
	return (await list.allInnerTexts()).map((text) => text.replace(/\s+/g, " ").replace(/ Lower$/, ""));
};

const boxOf = async (locator) => {
	const box = await locator.boundingBox();
	return box.width * box.height;
};

/** Keeps sending whatever it is told. */
function listenToNobody() {
	Object.defineProperty(MediaStreamTrack.prototype, "enabled", { get: () => true, set: () => {} });
	MediaStreamTrack.prototype.stop = () => {};
	RTCRtpSender.prototype.replaceTrack = async () => {};
}

let link;
const host = await come("Maya");
try {
	await settle(host, await server.start(), "Maya");
	const made = await ask(host, "POST", "/api/meetings", { title: "Design review", admission: "lobby" });
	const path = `/api/meetings/${made.code}`;
	link = `${origin}/m/${made.code}`;
	const omar = await come("Omar");
	const lin = await come("Lin");
	const ada = await come("Ada");

	await step("who knocks sees and hears nothing, and the lobby survives a reload on both sides", async () => {
		await joinAs(host, link);
		await turnOn(host, "microphone");
		for (const [page, name] of [
			[omar, "Omar"],
			[lin, "Lin"],
			[ada, "Ada"],
		]) {
			await page.goto(link);
			await page.getByText("One person is inside").waitFor();
			await page.getByRole("textbox", { name: "Your name" }).fill(name);
			await button(page, "Ask to join").click();
			await page.getByRole("heading", { name: "Design review" }).waitFor();
			await button(page, "Leave the door").waitFor();
		}
		await look(omar, "lobby-waiting");
		await omar.reload();
		await button(omar, "Leave the door").waitFor();
		await host.reload();
		await controls(host).waitFor();
		const door = (await openPeople(host)).getByRole("region", { name: "At the door" });
		await door.getByRole("listitem").nth(2).waitFor();
		await look(host, "lobby-host");
		const heard = Object.entries(await omar.evaluate(() => window.heard()));
		assert.deepEqual(
			heard.filter(([, sum]) => sum !== 0),
			[],
		);
		assert.equal(await omar.getByText("Maya").count(), 1, "the host's name stands on the invitation alone");
		await button(host, "Not now, Ada").click();
		await ada.getByRole("heading", { name: /not let in|turned away|cannot/i }).waitFor();
		await look(ada, "lobby-denied");
		await button(host, "Let in Omar").click();
		await controls(omar).waitFor();
		await button(host, "Let in Lin").click();
		await controls(lin).waitFor();
		await actOn(host, "Lin", "Put back to the door");
		await lin.getByText(/put you back at the door/).waitFor();
		await button(host, "Let in Lin").click();
		await controls(lin).waitFor();
	});

	await step("a stranger is heard within three clicks and ten seconds", async () => {
		await hostControls(host, async (dialog) => {
			await dialog.getByText("Everyone with the link comes in").click();
		});
		const stranger = await come("Stranger");
		const before = await host.evaluate(() => window.heard());
		const began = performance.now();
		let clicks = 0;
		const click = async (locator) => {
			clicks += 1;
			await locator.click();
		};
		await stranger.goto(link);
		await stranger.getByRole("textbox", { name: "Your name" }).fill("Stranger");
		await click(button(stranger, "Try the microphone"));
		await click(button(stranger, "Join with microphone on"));
		await until(host, ({ energy }) => energy > before.energy + 0.0005, "hearing the stranger");
		const took = Math.round(performance.now() - began);
		console.log(`# heard after ${clicks} clicks and ${took} ms`);
		assert.ok(clicks <= strangerClicks && took <= strangerMs, `${clicks} clicks, ${took} ms`);
		await button(stranger, "Leave").click();
		await stranger.getByRole("heading", { name: "You left" }).waitFor();
	});

	await step("a locked meeting and a passcode are said at the door", async () => {
		const late = await come("Late");
		await hostControls(host, async (dialog) => {
			await dialog.getByRole("switch", { name: "Lock the meeting" }).press("Space");
			await host.getByText("The meeting is locked.").first().waitFor();
			await look(host, "host-controls");
		});
		await late.goto(link);
		await late.getByRole("heading", { name: "This meeting is locked" }).waitFor();
		await look(late, "door-locked");
		await hostControls(host, async (dialog) => {
			await dialog.getByRole("switch", { name: "Lock the meeting" }).press("Space");
			await dialog.getByRole("textbox", { name: "Passcode" }).fill("blue-42");
			await dialog.getByRole("button", { name: "Set passcode" }).click();
			await host.getByText("The passcode is asked from now on.").first().waitFor();
		});
		await button(late, "Look again").click();
		await late.getByRole("textbox", { name: "Your name" }).fill("Late");
		await late.getByRole("textbox", { name: "Passcode" }).fill("red-17");
		await late.getByRole("button", { name: /^Join/ }).click();
		await late
			.getByText(/not the passcode|passcode is (wrong|not)|wrong/i)
			.first()
			.waitFor();
		await look(late, "door-passcode");
		await late.getByRole("textbox", { name: "Passcode" }).fill("blue-42");
		await late.getByRole("button", { name: /^Join/ }).click();
		await controls(late).waitFor();
		await ask(host, "PATCH", path, { passcode: "" });
	});

	await step("who was banned stays out under another name", async () => {
		const { page: late, context } = people.Late;
		await actOn(host, "Late", "Take out and ban");
		await late.getByRole("heading", { name: "You were shut out" }).waitFor();
		await context.clearCookies({ name: "__Host-kloud-guest" });
		await late.goto(link);
		await late.getByRole("heading", { name: "You cannot join this meeting" }).waitFor();
		await look(late, "door-banned");
		await (await openPeople(host)).getByRole("region", { name: "Banned" }).getByText("Late").waitFor();
		await context.close();
	});

	await step("mute all holds against a client that does not listen", async () => {
		const deaf = await come("Deaf");
		await deaf.addInitScript(listenToNobody);
		await joinAs(deaf, link, "Deaf");
		await ask(omar, "GET", `${path}/seat`);
		const before = await omar.evaluate(() => window.heard());
		await dock(host, "Turn off microphone").or(dock(host, "Turn on microphone")).first().waitFor();
		if (await dock(host, "Turn off microphone").isVisible()) await dock(host, "Turn off microphone").click();
		await turnOn(deaf, "microphone");
		await until(omar, ({ audioPackets }) => audioPackets > before.audioPackets + 50, "hearing");
		await hostControls(host, async (dialog) => {
			await dialog.getByRole("button", { name: "Mute all", exact: true }).click();
			await host.getByText("All are muted. Each can turn it on again.").first().waitFor();
		});
		await tileOf(omar, "Deaf").getByRole("img", { name: "Microphone off" }).waitFor();
		const shut = await omar.evaluate(() => window.heard());
		const sent = await deaf.evaluate(() => window.sent());
		await deaf.waitForFunction(
			async (least) => (await window.sent()).audioPackets > least,
			sent.audioPackets + 100,
		);
		const later = await omar.evaluate(() => window.heard());
		assert.ok(
			later.audioPackets - shut.audioPackets <= 2,
			`forwarded ${later.audioPackets - shut.audioPackets}`,
		);
		await people.Deaf.context.close();
	});

	await step("kept muted one may not, and asked one answers for oneself", async () => {
		await actOn(host, "Lin", "Mute and keep muted");
		await lin.waitForFunction(() =>
			document.querySelector("#dock-microphone")?.matches("[aria-disabled=true], :disabled"),
		);
		await actOn(host, "Lin", "Allow microphone again");
		await lin.getByText(/may use your microphone again/).waitFor();
		await actOn(host, "Lin", "Ask to unmute");
		const asked = lin.getByRole("alertdialog");
		await asked.waitFor();
		await look(lin, "asked-to-unmute");
		assert.equal(await lin.evaluate(() => window.captures), 0, "asked is not switched on");
		await asked.getByRole("button", { name: /^Turn on|^Unmute/ }).click();
		await dock(lin, "Turn off microphone").waitFor();
	});

	await step("hands stand in one order for three", async () => {
		for (const page of [lin, host, omar]) {
			await dock(page, "Raise hand").click();
			await dock(page, "Lower hand").waitFor();
			await (await openPeople(host)).getByRole("region", { name: "Raised hands" }).waitFor();
		}
		await (await openPeople(host))
			.getByRole("region", { name: "Raised hands" })
			.getByRole("listitem")
			.nth(2)
			.waitFor();
		for (const page of [host, omar, lin]) {
			await (await openPeople(page))
				.getByRole("region", { name: "Raised hands" })
				.getByRole("listitem")
				.nth(2)
				.waitFor();
			assert.deepEqual(await handsIn(page), ["1 Lin", "2 Maya", "3 Omar"]);
		}
		await look(host, "hands");
		await button(host, "Lower all").click();
		await dock(omar, "Raise hand").waitFor();
	});

	await step("two screens are shown at once, large, and layouts change without a jump", async () => {
		await turnOn(omar, "camera");
		await host.keyboard.press("Escape");
		for (const [page, name] of [
			[lin, "Lin"],
			[omar, "Omar"],
		]) {
			await dock(page, "Share screen").click();
			await page.getByRole("alertdialog").getByRole("button", { name: "Choose what to share" }).click();
			await dock(page, "Stop sharing").waitFor();
			await host.getByText(`${name} is presenting`).first().waitFor();
		}
		const [first] = [host.getByRole("region", { name: /is presenting$/ }).first()];
		assert.ok((await boxOf(first)) > 4 * (await boxOf(tileOf(host, "Omar").last())), "the screen is large");
		await look(host, "sharing-two");
		await actOn(host, "Omar", "Stop their sharing");
		await dock(omar, "Share screen").waitFor();
		await dock(lin, "Stop sharing").click();
		await host.getByText("is presenting").first().waitFor({ state: "detached" });
		await host.keyboard.press("Escape");
		const sizes = async () =>
			Promise.all(
				(await host.locator("[data-identity]").all()).map(async (tile) => Math.round(await boxOf(tile))),
			);
		await host.waitForFunction(() => document.querySelectorAll("[data-identity]").length === 3);
		await look(host, "grid-three");
		await tileOf(host, "Omar").hover();
		await button(host, "Omar: what you can do").click();
		await host.getByRole("menuitem", { name: /^Pin/ }).click();
		await host.waitForFunction(() => {
			const area = (tile) => tile.offsetWidth * tile.offsetHeight;
			const all = [...document.querySelectorAll("[data-identity]")].map(area).sort((a, b) => b - a);
			return all[0] > 3 * all[1];
		});
		await look(host, "spotlight");
		assert.equal((await sizes()).length, 3);
		await tileOf(host, "Omar").first().hover();
		await button(host, "Omar: what you can do").first().click();
		await host.getByRole("menuitem", { name: "Unpin" }).click();
	});

	await step("whom the host shows is large for everyone, and one's own pin wins", async () => {
		await actOn(host, "Lin", "Spotlight for everyone");
		const largest = (page, name) =>
			page.waitForFunction((whose) => {
				const area = (tile) => tile.offsetWidth * tile.offsetHeight;
				const [first, second] = [...document.querySelectorAll("[data-identity]")].sort(
					(one, other) => area(other) - area(one),
				);
				return first.textContent.includes(whose) && area(first) > 3 * area(second);
			}, name);
		await largest(omar, "Lin");
		await tileOf(omar, "Lin").getByRole("img", { name: "In the spotlight" }).waitFor();
		await look(omar, "spotlight-for-all");
		await tileOf(omar, "Maya").hover();
		await button(omar, "Maya: what you can do").click();
		await omar.getByRole("menuitem", { name: /^Pin/ }).click();
		await largest(omar, "Maya");
		await tileOf(omar, "Maya").first().hover();
		await button(omar, "Maya: what you can do").first().click();
		await omar.getByRole("menuitem", { name: "Unpin" }).click();
		await largest(omar, "Lin");
		await actOn(host, "Lin", "Stop spotlight");
		await omar.getByRole("img", { name: "In the spotlight" }).waitFor({ state: "detached" });
		await host.keyboard.press("Escape");
	});

	await step("the chat is written anew and taken away", async () => {
		for (const page of [host, omar]) await controls(page).getByRole("button", { name: /^Chat/ }).click();
		const field = omar.getByRole("textbox", { name: "Message everyone here" });
		for (const text of ["see https://example.org/plan", "a slip"]) {
			await field.fill(text);
			await omar.keyboard.press("Enter");
			await host.getByText(text).waitFor();
		}
		assert.match(
			await host.getByRole("link", { name: "https://example.org/plan" }).getAttribute("rel"),
			/noopener noreferrer/,
		);
		await field.press("ArrowUp");
		await omar.getByRole("textbox", { name: "Edit your message" }).fill("what I meant");
		await omar.keyboard.press("Enter");
		await host.getByText("what I meant").waitFor();
		await host.getByText("edited").waitFor();
		assert.equal(await host.getByText("a slip").count(), 0);
		await host.getByText("what I meant").hover();
		await button(host, "More about this message").last().click();
		await host.getByRole("menuitem", { name: "Delete" }).click();
		await button(host, "Delete for everyone").click();
		await omar.getByText("what I meant").waitFor({ state: "detached" });
		await omar.getByText("Deleted").waitFor();
		await look(host, "chat");
	});

	await step("a change of what is kept is asked about again", async () => {
		await ask(host, "PATCH", path, { policy: { attendance: "kept" } });
		for (const page of [omar, lin]) {
			const card = page.getByRole("alertdialog", { name: "What this meeting keeps has changed" });
			await card.waitFor();
			if (page === omar) await look(omar, "policy-changed");
			await card.getByRole("button", { name: "Stay with this" }).click();
			await card.waitFor({ state: "detached" });
		}
	});

	await step("a device that goes away is said, and everything else goes on", async () => {
		await omar.evaluate(() => {
			const camera = window.captured.findLast(
				(track) => track.kind === "video" && track.readyState === "live",
			);
			const real = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
			navigator.mediaDevices.enumerateDevices = async () =>
				(await real()).filter(({ kind }) => kind !== "videoinput");
			camera.stop();
			camera.dispatchEvent(new Event("ended"));
			navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
		});
		await omar.getByText(/Your camera went away/).waitFor();
		await look(omar, "device-lost");
		await dock(omar, "Turn on camera").waitFor();
	});

	await step("a phone comes in, and a reload leads back in every state", async () => {
		const phone = await come("Phone", {
			viewport: { width: 390, height: 844 },
			hasTouch: true,
			isMobile: true,
		});
		await phone.goto(link);
		await phone.getByRole("textbox", { name: "Your name" }).fill("Phone");
		await phone.reload();
		await joinAs(phone, link, "Phone");
		await phone.reload();
		await controls(phone).waitFor();
		const wide = await phone.evaluate(() => document.documentElement.scrollWidth > innerWidth);
		assert.equal(wide, false, "nothing sticks out");
		for (const one of await controls(phone).getByRole("button").all()) {
			if (!(await one.isVisible())) continue;
			const { width, height } = await one.boundingBox();
			assert.ok(width >= 40 && height >= 40, `${await one.getAttribute("aria-label")}: ${width}×${height}`);
		}
		await look(phone, "phone");
		await phone.setViewportSize({ width: 844, height: 390 });
		await controls(phone).waitFor();
		await phone.setViewportSize({ width: 390, height: 844 });
		await button(phone, "Leave").click();
		await phone.getByRole("heading", { name: "You left" }).waitFor();
		await phone.reload();
		await phone.getByRole("button", { name: /^Join/ }).waitFor();
	});

	await step("the host ends it for all, and the recap says what stays", async () => {
		await dock(host, "More").click();
		await host.getByRole("menuitem", { name: "End for everyone" }).click();
		await host.getByRole("alertdialog").getByRole("button", { name: "End for everyone" }).click();
		for (const page of [host, omar, lin])
			await page.getByRole("heading", { name: /ended/i }).first().waitFor();
		await host.goto(`${origin}/meetings/${made.code}`);
		await host.getByRole("heading", { name: "Design review" }).waitFor();
		await host.getByText("Omar").first().waitFor();
		await look(host, "recap");
		const recap = await ask(host, "GET", `${path}/recap`);
		const names = recap.people.listed.map(({ name }) => name);
		for (const name of ["Maya", "Omar", "Lin"]) assert.ok(names.includes(name), `${name} in ${names}`);
		assert.ok(recap.shares.length >= 2, "who shared what");
		assert.equal(recap.chat.messages, 1);
		await button(host, "Take me out of this").click();
		await look(host, "take-out");
		await host
			.getByRole("alertdialog")
			.getByRole("button", { name: /^Take me out/ })
			.click();
		await host.getByText(/nothing here carries your name/).waitFor();
	});
	const faults = Object.values(people).flatMap(({ faults }) => faults);
	assert.deepEqual(faults, [], "no page failed, nobody else was asked");
	end();
} catch (error) {
	for (const [name, { page }] of Object.entries(people)) if (!page.isClosed()) await failed(page, name);
	console.error(server.log().split("\n").slice(-20).join("\n"));
	end(error);
} finally {
	await browser.close();
	await server.remove();
}
