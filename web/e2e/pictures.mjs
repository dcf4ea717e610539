/**
 * Pictures of every screen, in both sizes, themes and languages, from the built client on the made-up server;
 * each is also examined by axe, and by the page's own policy. Any violation fails.
 *
 * node e2e/pictures.mjs <folder outside of the tree> [an expression that a picture's name must fit] [sizes]
 *
 * The sizes are wide, phone and side, the phone that lies; zoom and letters, as for those who see little, are made
 * when they are named: "wide,zoom,letters", or "all".
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { screens } from "./screens.mjs";
import { fitFaults } from "./stage/fit.mjs";
import { isStill, languages, themes, sizes as usualSizes } from "./stage/look.mjs";
import { launch, mockPlace } from "./stage/mock.mjs";

const [folder, only = "", wanted = "wide,phone,side"] = process.argv.slice(2);
if (!folder) throw new Error("say where the pictures go: pnpm pictures <folder>");

const phone = { hasTouch: true, isMobile: true };
const sizes = {
	wide: { viewport: usualSizes.wide },
	phone: { viewport: usualSizes.phone, ...phone },
	/** The room is also looked at on a phone that lies on its side. */
	side: { viewport: { width: 844, height: 390 }, ...phone },
	/** The usual screen at 200 %: by the page's zoom, and by larger letters alone. */
	zoom: { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 },
	letters: { viewport: usualSizes.wide },
};
const chosen = wanted === "all" ? Object.keys(sizes) : wanted.split(",");

const place = await mockPlace();
const { origin } = place;
const usual = await launch();
const large = chosen.includes("letters") ? await launch("--blink-settings=defaultFontSize=32") : null;
const failures = [];
await mkdir(folder, { recursive: true });

async function picture(screen, size, theme, language) {
	const name = `${screen.name}.${size}.${theme}.${language}`;
	const browser = size === "letters" ? large : usual;
	const { context, page } = await place.visitor(browser, screen.scenario, {
		...sizes[size],
		colorScheme: theme,
		locale: language,
		reducedMotion: "reduce",
	});
	page.on("pageerror", (error) => failures.push(`${name}: ${error.message}`));
	page.on("console", (message) => {
		const text = message.text();
		if (message.type() === "error" && !/Failed to load resource|status of/.test(text))
			failures.push(`${name}: ${text}`);
	});
	page.on("request", (request) => {
		if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(origin))
			failures.push(`${name}: asked ${request.url()}`);
	});
	try {
		await page.goto(origin + screen.path, { waitUntil: "load" });
		await screen.act?.({ page, size, language });
		await page.evaluate(() => document.fonts.ready);
		await page.waitForFunction(isStill);
		await page.screenshot({ path: join(folder, `${name}.png`), fullPage: screen.full ?? false });
		const { violations } = await new AxeBuilder({ page }).disableRules(screen.axeOff ?? []).analyze();
		for (const { id, nodes } of violations)
			failures.push(`${name}: axe ${id}: ${nodes.map(({ target }) => target).join(" | ")}`);
		for (const fault of await fitFaults(page, { isTouch: sizes[size].hasTouch ?? false }))
			failures.push(`${name}: ${fault}`);
	} catch (error) {
		failures.push(`${name}: ${error.message.split("\n").slice(0, 3).join(" ")}`);
		await page.screenshot({ path: join(folder, `${name}.FAILED.png`) }).catch(() => {});
	} finally {
		await context.close();
	}
}

const jobs = [];
for (const screen of screens) {
	for (const size of chosen) {
		for (const theme of themes) {
			for (const language of languages) {
				const name = `${screen.name}.${size}.${theme}.${language}`;
				if (size === "side" && !screen.name.startsWith("room")) continue;
				if (new RegExp(only).test(name)) jobs.push(() => picture(screen, size, theme, language));
			}
		}
	}
}
const lanes = Array.from({ length: 2 }, async () => {
	for (let job = jobs.shift(); job; job = jobs.shift()) await job();
});
await Promise.all(lanes);
await Promise.all([usual, large].map((each) => each?.close()));
await place.end();
for (const failure of failures) console.error(failure);
console.log(failures.length === 0 ? "all pictures taken, no violations" : `${failures.length} failures`);
process.exit(failures.length === 0 ? 0 : 1);
