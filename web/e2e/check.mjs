/**
 * Whether meetings work from here, proved by a real browser on the real server: where everything is open, where UDP is
 * held back, and where the media port cannot be reached.
 *
 * node e2e/check.mjs path/to/kloud [folder for pictures]
 */
import assert from "node:assert/strict";
import { createLook, sizes } from "./stage/look.mjs";
import { launch } from "./stage/mock.mjs";
import { place } from "./stage/server.mjs";
import { createStory } from "./stage/story.mjs";

const [, , binary = "kloud", folder] = process.argv;
const { step, end } = createStory();
const { look, failed } = await createLook(folder);

/** Opens the page and waits until everything was tried. */
async function visit(browser, path) {
	const context = await browser.newContext({ locale: "en", viewport: sizes.wide });
	const page = await context.newPage();
	await page.goto(path);
	await page.locator("[data-verdict]:not([data-verdict=running])").waitFor({ timeout: 60_000 });
	return page;
}
const tones = (page) =>
	page
		.locator("[data-step]")
		.evaluateAll((rows) => Object.fromEntries(rows.map(({ dataset }) => [dataset.step, dataset.tone])));
const title = (page) => page.getByRole("heading", { level: 1 }).textContent();
const told = (page, name) => page.locator(`[data-step=${name}]`).textContent();

/** Shows the page that a step failed on. */
async function on(page, name, work) {
	try {
		await work(page);
	} catch (error) {
		await failed(page, name);
		throw error;
	} finally {
		await page.context().close();
	}
}

async function withServer(environment, flags, work) {
	Object.assign(process.env, environment);
	const server = await place(binary);
	const browser = await launch(...flags);
	try {
		await server.start();
		await work(server, browser);
	} finally {
		await browser.close();
		await server.remove();
		for (const name of Object.keys(environment)) delete process.env[name];
	}
}

try {
	await withServer({}, [], async (server, browser) => {
		await step("where everything is open, everything is good", async () => {
			const page = await visit(browser, `${server.origin}/check?m=qjm-wx4t-9kd`);
			await on(page, "open", async () => {
				const all = ["server", "browser", "signal", "udp", "tcp", "relay", "talk"];
				assert.deepEqual(await tones(page), Object.fromEntries(all.map((each) => [each, "good"])));
				assert.equal(await title(page), "Meetings work well from here");
				await look(page, "check-open");
				const back = page.getByRole("link", { name: "Back to the meeting" });
				assert.equal(await back.getAttribute("href"), "/m/qjm-wx4t-9kd");
			});
		});

		await step("what is copied for support names nobody and no address", async () => {
			const page = await visit(browser, `${server.origin}/check`);
			await on(page, "copied", async () => {
				await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
				await page.getByRole("button", { name: "Copy for support" }).press("Enter");
				await page.getByText("Copied").first().waitFor();
				// This page may not read the clipboard; the application's may.
				const reader = await page.context().newPage();
				await reader.goto(server.origin);
				await reader.bringToFront();
				const text = await reader.evaluate(() => navigator.clipboard.readText());
				assert.match(text, /verdict: well\n/);
				assert.match(text, /udp: good \(\d+ ms\)/);
				assert.doesNotMatch(text, /\d+\.\d+\.\d+|::|localhost|https?:|Mozilla/);
			});
		});

		await step("nobody is asked for a device before they press", async () => {
			const page = await visit(browser, `${server.origin}/check`);
			await on(page, "devices", async () => {
				await page.getByText("Microphone and camera", { exact: true }).click();
				const press = page.getByRole("button", { name: "Try the microphone" });
				assert.equal(await press.getAttribute("aria-pressed"), "false");
				await press.press("Enter");
				await page.getByRole("meter", { name: "How loud you are" }).waitFor();
			});
		});

		await step("a server that is gone is said so, and found again", async () => {
			const page = await visit(browser, `${server.origin}/check`);
			await on(page, "gone", async () => {
				await server.stop("SIGKILL");
				await page.getByRole("button", { name: "Check again" }).press("Enter");
				await page.locator("[data-verdict=no-server]").waitFor();
				assert.equal(await title(page), "Meetings will not work: the server does not answer");
				await server.start();
				await page.getByRole("button", { name: "Check again" }).press("Enter");
				await page.locator("[data-verdict=well]").waitFor({ timeout: 60_000 });
			});
		});
	});

	await withServer({}, ["--webrtc-ip-handling-policy=disable_non_proxied_udp"], async (server, browser) => {
		await step("where UDP is held back, the slower way is named and who can help", async () => {
			const page = await visit(browser, `${server.origin}/check`);
			await on(page, "no-udp", async () => {
				assert.equal(await title(page), "Meetings work, but only by the slower way: UDP seems to be blocked");
				const { udp, tcp, talk } = await tones(page);
				assert.deepEqual({ udp, tcp, talk }, { udp: "warn", tcp: "good", talk: "good" });
				assert.match(await told(page, "udp"), /Ask whoever runs this network to open it to this server/);
				await look(page, "check-no-udp");
			});
		});
	});

	// An address that nobody has (RFC 5737): media goes there and is not heard of again.
	await withServer({ KLOUD_MEDIA__ADVERTISE: '["192.0.2.1"]' }, [], async (server, browser) => {
		await step(
			"where the media port cannot be reached, meetings will not work, and what to open is said",
			async () => {
				const page = await visit(browser, `${server.origin}/check`);
				await on(page, "no-media", async () => {
					assert.equal(await title(page), "Meetings will not work: sound and picture do not get through");
					const { server: answered, signal, udp, tcp, relay, talk } = await tones(page);
					assert.deepEqual(
						{ answered, signal, udp, tcp, relay, talk },
						{ answered: "good", signal: "good", udp: "bad", tcp: "bad", relay: "bad", talk: "quiet" },
					);
					await page.getByText(/open UDP or TCP to the media port of this server/).waitFor();
					await look(page, "check-no-media");
				});
			},
		);
	});
	end();
} catch (error) {
	end(error);
}
