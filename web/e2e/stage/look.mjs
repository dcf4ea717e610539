/**
 * Looks at a page: axe always; if there is a folder, pictures in both sizes, themes and languages too, each examined by
 * axe and for its width. The page is as it was when it has been looked at.
 */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

export const sizes = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
export const themes = ["light", "dark"];
export const languages = ["en", "zh-CN"];

/** What floats has found its place and has come in. */
export const isStill = () =>
	!document.querySelector("[data-entering]") &&
	document
		.getAnimations()
		.every(
			({ playState, effect }) =>
				playState !== "running" || effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY,
		) &&
	[...document.querySelectorAll("[data-placement], [data-rac]")].every(
		(element) => getComputedStyle(element).opacity !== "0",
	);

async function axe(page, name) {
	const { violations } = await new AxeBuilder({ page }).analyze();
	assert.deepEqual(
		violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(" | ")}`),
		[],
		`axe on ${name}`,
	);
}

/** As if it had been chosen in another tab. */
async function speak(page, language) {
	await page.evaluate((chosen) => {
		localStorage.setItem("kloud.language", chosen);
		dispatchEvent(new StorageEvent("storage", { key: "kloud.language" }));
	}, language);
	await page.waitForFunction((chosen) => document.documentElement.lang === chosen, language);
}

async function picture(page, folder, name) {
	await page.evaluate(() => document.fonts.ready);
	await page.waitForFunction(isStill);
	await page.screenshot({ path: join(folder, `${name}.png`) });
	await axe(page, name);
	const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1);
	assert.ok(!isTooWide, `${name} is wider than the screen`);
}

async function everyPicture(page, folder, name) {
	for (const [size, viewport] of Object.entries(sizes)) {
		await page.setViewportSize(viewport);
		for (const theme of themes) {
			await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
			for (const language of languages) {
				await speak(page, language);
				await picture(page, folder, `${name}.${size}.${theme}.${language}`);
			}
		}
	}
	await speak(page, "en");
	await page.emulateMedia({ colorScheme: null, reducedMotion: null });
	await page.setViewportSize(sizes.wide);
}

export async function createLook(folder) {
	if (folder) await mkdir(folder, { recursive: true });
	return {
		async look(page, name) {
			await page.waitForFunction(isStill);
			await (folder ? everyPicture(page, folder, name) : axe(page, name));
		},
		/** What a page showed when the story failed. */
		async failed(page, name) {
			const path = join(folder ?? tmpdir(), `FAILED-${name}.png`);
			await page.screenshot({ path }).then(
				() => console.error(`${name} showed ${path}`),
				() => {},
			);
		},
	};
}
