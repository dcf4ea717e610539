/**
 * The room for those who see, hear or move otherwise, and a full one that must not tire: stillness where it is wished,
 * more contrast, forced colours, who speaks in words, 49 moving pictures, and the small window on top.
 *
 * node e2e/senses.mjs [folder for pictures]
 */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { sizes } from "./stage/look.mjs";
import { launch, mockPlace } from "./stage/mock.mjs";
import { createStory } from "./stage/story.mjs";

const [, , folder] = process.argv;
if (folder) await mkdir(folder, { recursive: true });
const place = await mockPlace();
const browser = await launch();
const { step, end } = createStory();
const room = "/m/qjm-wx4t-9kd";

async function enter(scenario, options) {
	const { page } = await place.visitor(browser, scenario, { viewport: sizes.wide, ...options });
	await page.goto(place.origin + room);
	await page.getByRole("button", { name: /^Join/ }).click();
	await page.locator("[data-identity]").first().waitFor();
	return page;
}
const speak = (page, ...identities) =>
	page.evaluate((detail) => dispatchEvent(new CustomEvent("mock-speaking", { detail })), identities);
const picture = (page, name) => (folder ? page.screenshot({ path: join(folder, `${name}.png`) }) : undefined);

/** What has moved while something was done: watched at each frame, for a movement may be short. */
async function movements(page, act) {
	await page.evaluate(() => {
		window.moved = new Set();
		const watch = () => {
			for (const each of document.getAnimations())
				if (Number(each.effect?.getComputedTiming().duration) > 1)
					window.moved.add(each.animationName ?? each.transitionProperty);
			window.watching = requestAnimationFrame(watch);
		};
		watch();
	});
	await act();
	return page.evaluate(() => {
		cancelAnimationFrame(window.watching);
		return [...window.moved];
	});
}

/** Lets a page believe that its machine draws so many frames a second. */
const slowTo = (page, rate) =>
	page.evaluate((gap) => {
		let now = performance.now();
		window.requestAnimationFrame = (run) =>
			setTimeout(() => {
				now += gap;
				run(now);
			});
	}, 1000 / rate);

async function stir(page) {
	await page.keyboard.press("p");
	await page.getByRole("complementary").waitFor();
	await page.keyboard.press("Escape");
	await page.keyboard.press("l");
	await page.locator("[data-layout=grid]").waitFor();
	await page.getByRole("button", { name: "More" }).click();
	await page.getByRole("menu").waitFor();
	await page.keyboard.press("Escape");
	await page.getByRole("menu").waitFor({ state: "detached" });
	await page.evaluate(() =>
		dispatchEvent(new CustomEvent("mock-reaction", { detail: { identity: "maya", emoji: "👏" } })),
	);
	await page.locator("[data-identity=maya]").getByText("👏").waitFor();
}

try {
	await step("the room moves, and does not for whoever wished for stillness", async () => {
		const moving = await enter({ crowd: 4 }, { reducedMotion: "no-preference" });
		assert.notDeepEqual(await movements(moving, () => stir(moving)), [], "something moves usually");
		await moving.context().close();
		for (const state of [{ crowd: 4 }, { crowd: 4, room: "reconnecting", role: "attendee" }]) {
			const still = await enter(state, { reducedMotion: "reduce" });
			assert.deepEqual(await movements(still, () => stir(still)), []);
			await still.context().close();
		}
	});

	await step("who speaks is said in words, the same one once", async () => {
		const page = await enter({ crowd: 4 });
		const words = page.locator("[data-speaker-words]");
		assert.equal(await words.getAttribute("role"), "status");
		await page.getByText("Maya Köhler is speaking").waitFor();
		await words.evaluate((element) => {
			window.said = [];
			new MutationObserver(() => window.said.push(element.textContent)).observe(element, {
				childList: true,
				characterData: true,
				subtree: true,
			});
		});
		for (let turn = 0; turn < 5; turn += 1) {
			await speak(page, "maya");
			await speak(page);
		}
		await speak(page, "chen");
		await page.getByText("陈曦 is speaking").waitFor();
		assert.deepEqual(await page.evaluate(() => window.said), ["陈曦 is speaking"]);
		await page.context().close();
	});

	await step("with more contrast the quiet words are loud and the lines are seen", async () => {
		const colours = async (contrast) => {
			const page = await enter({ crowd: 9 }, { contrast });
			const found = await page
				.locator("header time, header span")
				.first()
				.evaluate((each) => getComputedStyle(each).color);
			await page.keyboard.press("p");
			await page.getByRole("complementary").waitFor();
			await picture(page, `contrast-${contrast}`);
			await page.context().close();
			return found;
		};
		assert.notEqual(await colours("no-preference"), await colours("more"));
	});

	await step("in forced colours one still sees who speaks, what is on and where one is", async () => {
		const page = await enter({ crowd: 4 }, { forcedColors: "active" });
		await speak(page, "maya");
		const styleOf = (locator, pseudo) =>
			locator.evaluate((each, which) => {
				const { outlineStyle, outlineColor, borderColor, backgroundColor } = getComputedStyle(each, which);
				return { outlineStyle, outlineColor, borderColor, backgroundColor };
			}, pseudo);
		const tile = (identity) => page.locator(`[data-identity=${identity}]`);
		await page.waitForFunction(
			() =>
				getComputedStyle(document.querySelector("[data-identity=maya]"), "::after").outlineStyle === "solid",
		);
		assert.equal((await styleOf(tile("chen"), "::after")).outlineStyle, "none");
		const chat = page.locator("#dock-chat");
		const before = await styleOf(chat);
		await page.keyboard.press("c");
		await page.getByRole("complementary").waitFor();
		assert.notDeepEqual(await styleOf(chat), before, "an open panel's button is told from a closed one's");
		await picture(page, "forced-colours");
		await page.context().close();
	});

	await step("a machine that cannot draw everybody draws who spoke last, and says so", async () => {
		const page = await enter({ crowd: 25, moving: true });
		const all = await page.locator("video").count();
		await slowTo(page, 10);
		await page.waitForFunction((count) => document.querySelectorAll("video").length < count, all);
		const resting = page.locator("[data-identity]:has([aria-label='Picture paused, this device is busy'])");
		const quiet = await resting.first().getAttribute("data-identity");
		await picture(page, "busy");
		await speak(page, quiet);
		await page.locator(`[data-identity=${quiet}] video`).waitFor();
		await slowTo(page, 60);
		const fewer = await resting.count();
		await page.waitForFunction(
			(count) =>
				document.querySelectorAll("[aria-label='Picture paused, this device is busy']").length < count,
			fewer,
		);
		await page.context().close();
	});

	for (const crowd of [25, 49])
		await step(`${crowd} moving pictures: a change of who speaks costs next to nothing`, async () => {
			const page = await enter({ crowd, moving: true });
			// Pictures come to rest where drawing all of them is too much. Here it is not: this machine is small.
			await slowTo(page, 60);
			await page.waitForFunction(() =>
				[...document.querySelectorAll("video")].every((video) => video.readyState >= 2),
			);
			const session = await page.context().newCDPSession(page);
			await session.send("Performance.enable");
			const measure = async () =>
				Object.fromEntries(
					(await session.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]),
				);
			const touched = await page.evaluate(async () => {
				const tiles = new Set();
				const observer = new MutationObserver((changes) => {
					for (const { target } of changes) {
						const element = target instanceof Element ? target : target.parentElement;
						const tile = element?.closest("[data-identity]");
						if (tile) tiles.add(tile.dataset.identity);
					}
				});
				observer.observe(document.querySelector("[data-layout]"), {
					subtree: true,
					childList: true,
					attributes: true,
					characterData: true,
				});
				dispatchEvent(new CustomEvent("mock-speaking", { detail: ["chen"] }));
				await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
				observer.disconnect();
				return [...tiles].sort();
			});
			assert.deepEqual(touched, ["chen", "maya"], "only who ends and who begins");
			const took = await page.evaluate(async () => {
				const times = [];
				for (let turn = 0; turn < 40; turn += 1) {
					const began = performance.now();
					dispatchEvent(new CustomEvent("mock-speaking", { detail: [turn % 2 ? "chen" : "omar"] }));
					await Promise.resolve();
					times.push(performance.now() - began);
					await new Promise((resolve) => requestAnimationFrame(resolve));
				}
				return times.sort((one, other) => one - other)[Math.floor(times.length / 2)];
			});
			const { Nodes } = await measure();
			console.log(`# ${crowd}: ${took.toFixed(2)} ms of script a change, ${Nodes} nodes`);
			assert.ok(took < 8, `${took} ms for a change of who speaks`);
			await picture(page, `moving-${crowd}`);
			await page.context().close();
		});

	await step(
		"the small window on top shows who speaks, with the buttons that one needs at once",
		async () => {
			const page = await enter({ crowd: 4 });
			const opened = page.context().waitForEvent("page");
			await page.getByRole("button", { name: "More" }).click();
			await page.getByRole("menuitem", { name: "Small window on top" }).click();
			const small = await opened;
			await small.getByText("Maya Köhler").waitFor();
			await small.getByRole("button", { name: "Turn on microphone" }).waitFor();
			await picture(small, "small-window");
			await speak(page, "omar");
			await small.getByText("Omar Aziz").waitFor();
			await small.getByRole("button", { name: "Leave" }).click();
			await page.getByRole("heading", { level: 1, name: "You left" }).waitFor();
			await page.context().close();
		},
	);
	end();
} catch (error) {
	end(error);
} finally {
	await browser.close();
	await place.end();
}
