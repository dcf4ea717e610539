/**
 * What is behind a person is blurred, on the real binary with a camera that shows a person: at the door, from the first
 * picture that others get, by a change in the room, and where it cannot be done.
 *
 * node e2e/blur.mjs <the kloud binary> [folder for pictures]
 */
import assert from "node:assert/strict";
import { ask, settle } from "./stage/instance.mjs";
import { createLook } from "./stage/look.mjs";
import { button, openBrowser, person, until } from "./stage/people.mjs";
import { place } from "./stage/server.mjs";
import { createStory } from "./stage/story.mjs";

const [binary, pictures] = process.argv.slice(2);
if (!binary) throw new Error("say where the binary is: node e2e/blur.mjs <kloud>");
const server = await place(binary);
const { origin } = server;
const { step, end } = createStory();
const { look, failed } = await createLook(pictures);
const camera = new URL("stage/person.mjpeg", import.meta.url).pathname;
const browser = await openBrowser({ more: [`--use-file-for-fake-video-capture=${camera}`] });
const host = await person(browser, origin);
const guest = await person(browser, origin);
const late = await person(browser, origin);

/** How much detail each picture of a video had: where the face is, and where the rocket stands behind it. */
function watchDetail() {
	window.detail = [];
	const pen = new OffscreenCanvas(320, 180).getContext("2d", { willReadFrequently: true });
	const detailIn = (x, y, width, height) => {
		const { data } = pen.getImageData(x, y, width, height);
		let sum = 0;
		for (let at = 4; at < data.length - 4; at += 4)
			sum += Math.abs(data[at - 4] - 2 * data[at] + data[at + 4]);
		return (4 * sum) / data.length;
	};
	const look = (video) => {
		if (!video.isConnected) return;
		video.requestVideoFrameCallback(() => {
			pen.drawImage(video, 0, 0, 320, 180);
			window.detail.push({
				at: performance.now(),
				face: detailIn(120, 50, 55, 60),
				behind: detailIn(225, 10, 70, 165),
			});
			look(video);
		});
	};
	new MutationObserver((changes) => {
		for (const { addedNodes } of changes)
			for (const node of addedNodes)
				if (node instanceof Element)
					for (const video of [node, ...node.querySelectorAll("*")])
						if (video instanceof HTMLVideoElement) look(video);
	}).observe(document, { childList: true, subtree: true });
}

/** The pictures a page was shown since it was asked last, once there are so many. */
async function shown(page, count) {
	await page.waitForFunction((least) => window.detail.length >= least, count, { timeout: 90_000 });
	return await page.evaluate(() => window.detail.splice(0));
}

async function chooseBlur(page, name) {
	await page.getByRole("button", { name: /Blur my background/ }).click();
	await page.getByRole("option", { name, exact: true }).click();
	await page.getByRole("listbox").waitFor({ state: "detached" });
	// The focus comes back a moment later, and a key that is pressed before it does reaches nobody.
	await page.waitForFunction(() => document.activeElement?.ariaHasPopup === "listbox");
}

const most = (frames, where) => Math.max(...frames.map((frame) => frame[where]));
const least = (frames, where) => Math.min(...frames.map((frame) => frame[where]));
const dock = (page, name) =>
	page.getByRole("navigation", { name: "Meeting controls" }).getByRole("button", { name, exact: true });
const fetched = [];
guest.page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
const runtime = () => fetched.filter((path) => path.startsWith("/assets/vision-"));

try {
	await settle(host.page, await server.start(), "Maya");
	const { code } = await ask(host.page, "POST", "/api/meetings", {
		title: "Design review",
		admission: "link",
	});
	const link = `${origin}/m/${code}`;
	for (const { page } of [host, guest, late]) await page.addInitScript(watchDetail);
	let sharp;

	await step("at the door one sees oneself as others will, and the runtime comes by a press", async () => {
		const { page } = guest;
		await page.goto(link);
		await page.getByRole("textbox", { name: "Your name" }).fill("Eileen");
		await button(page, "Try the camera").click();
		[sharp] = (await shown(page, 10)).slice(-1);
		await look(page, "door-sharp");
		assert.deepEqual(runtime(), []);
		await chooseBlur(page, "Background blurred strongly");
		await page.getByText("You are shown once your background is blurred").waitFor();
		await page.evaluate(() => window.detail.splice(0));
		const frames = await shown(page, 12);
		await look(page, "door-strong");
		console.log("# sharp", sharp, "blurred", frames.at(-1));
		assert.deepEqual(runtime(), [
			"/assets/vision-0.10.14/vision_wasm_internal.js",
			"/assets/vision-0.10.14/vision_wasm_internal.wasm",
		]);
		assert.ok(most(frames, "behind") < sharp.behind / 3, "the first picture is as blurred as the last");
		assert.ok(least(frames.slice(5), "face") > sharp.face * 0.7, "the face is not");
	});

	await step("others see no picture that is not blurred, not even the first", async () => {
		await host.page.goto(link);
		await button(host.page, "Join with everything off").click();
		await dock(host.page, "Leave").waitFor();
		await button(guest.page, "Join with camera on").click();
		const frames = await shown(host.page, 25);
		await look(host.page, "seen-strong");
		const seconds = (frames.at(-1).at - frames[5].at) / 1000;
		console.log(`# ${((frames.length - 6) / seconds).toFixed(1)} pictures a second arrive`);
		console.log("# seen", frames.at(-1), "at most", most(frames, "behind"));
		assert.ok(most(frames, "behind") < sharp.behind / 2, `${most(frames, "behind")} of ${sharp.behind}`);
		assert.ok(frames.at(-1).face > sharp.face / 2, `${frames.at(-1).face} of ${sharp.face}`);
	});

	await step("by a change in the room, and back again, nothing slips out on the way", async () => {
		const { page } = guest;
		await button(page, "Camera settings").click();
		await chooseBlur(page, "Background as it is");
		await host.page.waitForFunction((enough) => window.detail.at(-1)?.behind > enough, sharp.behind / 2);
		await look(host.page, "seen-sharp");
		await chooseBlur(page, "Background blurred slightly");
		await dock(page, "Turn on camera").waitFor();
		await host.page.locator("video").first().waitFor({ state: "detached" });
		await host.page.evaluate(() => window.detail.splice(0));
		const frames = await shown(host.page, 15);
		await look(host.page, "seen-slight");
		console.log("# slight", frames.map(({ behind }) => behind.toFixed(1)).join(" "));
		// The first pictures of a stream are coarse, and their blocks count as detail.
		assert.ok(most(frames, "behind") < sharp.behind * 0.65);
		await page.keyboard.press("Escape");
		await dock(page, "Turn off camera").click();
		assert.ok(
			await page.evaluate(() => window.captured.every(({ readyState }) => readyState === "ended")),
			"its light is out",
		);
		await host.page.locator("video").first().waitFor({ state: "detached" });
	});

	await step("where it cannot be blurred nobody is seen, until they say so", async () => {
		const { page } = late;
		await page.route("**/assets/vision-*/*.wasm", (route) => route.abort());
		await page.goto(link);
		await page.getByRole("textbox", { name: "Your name" }).fill("Late");
		await button(page, "Join with everything off").click();
		const before = await host.page.evaluate(() => window.heard());
		await button(page, "Camera settings").click();
		await chooseBlur(page, "Background blurred slightly");
		await page.keyboard.press("Escape");
		await dock(page, "Turn on camera").click();
		await page.getByRole("alertdialog").getByRole("button", { name: "Turn on camera" }).click();
		await page.getByText(/could not be blurred, so the camera stayed off/).waitFor();
		await look(page, "cannot");
		assert.ok(await page.evaluate(() => window.captured.every(({ readyState }) => readyState === "ended")));
		const after = await host.page.evaluate(() => window.heard());
		assert.equal(after.frames, before.frames, "nobody was seen");
		assert.equal(await host.page.locator("video").count(), 0);
		await button(page, "Turn on without blur").click();
		await until(host.page, ({ frames }) => frames > after.frames, "seeing the camera");
	});
	const faults = [host, guest, late].flatMap((one) => one.faults);
	assert.deepEqual(faults, [], "no page failed, nobody else was asked");
	end();
} catch (error) {
	for (const [name, { page }] of Object.entries({ host, guest, late })) await failed(page, name);
	console.error(server.log().split("\n").slice(-20).join("\n"));
	end(error);
} finally {
	await browser.close();
	await server.remove();
}
