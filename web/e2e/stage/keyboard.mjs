/** A person with a keyboard and nothing else: goes from stop to stop, and must see at each where they are. */
import assert from "node:assert/strict";

const mostStops = 60;

/** Runs in the page: where the focus is, and how it looks there and around. */
function describe() {
	const element = document.activeElement;
	if (!element || element === document.body) return null;
	return {
		name: `${element.tagName.toLowerCase()} ${element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 40)}`,
		look: window.lookOf(element),
		hasRing: window.partsOf(element).some((part) => window.ringOf(part) !== "none"),
	};
}

function prepare() {
	window.ringOf = (part) => {
		const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(part);
		return outlineStyle === "none" || outlineWidth === "0px" ? "none" : `${outlineWidth} ${outlineColor}`;
	};
	// A switch shows it beside its hidden input, a field on the box around its input.
	window.partsOf = (element) => {
		const whole = element.closest("label") ?? element;
		const around = [element.parentElement, element.parentElement?.parentElement].filter(Boolean);
		return [whole, ...whole.querySelectorAll("*"), ...around].slice(0, 60);
	};
	window.lookOf = (element) =>
		window
			.partsOf(element)
			.map((part) => {
				const { boxShadow, backgroundColor, borderColor, transform } = getComputedStyle(part);
				return [window.ringOf(part), boxShadow, backgroundColor, borderColor, transform].join(" ");
			})
			.join("\n");
}

export async function hands(page) {
	await page.addInitScript(prepare);
	const seen = [];

	/** A stop has a ring, or must have looked different while the focus was on it. */
	async function move(key) {
		const before = await page.evaluateHandle(() => document.activeElement);
		const there = await page.evaluate(describe);
		await page.keyboard.press(key);
		if (!there) return;
		const after = await before
			.evaluate(
				(element) => element.isConnected && element !== document.activeElement && window.lookOf(element),
			)
			.catch(() => false);
		const isHeading = there.name.startsWith("h1 ") || there.name.startsWith("main ");
		if (after && !isHeading && !there.hasRing)
			assert.notEqual(there.look, after, `the focus cannot be seen on: ${there.name}`);
		seen.push(there.name);
	}

	const isOn = (locator) => locator.and(page.locator(":focus")).count();

	/** Tab by Tab to something; where it stands first must be waited for. */
	async function to(locator, key = "Tab") {
		await locator.first().waitFor();
		const from = seen.length;
		for (let stops = 0; stops < mostStops; stops += 1) {
			if (await isOn(locator)) return;
			await move(key);
		}
		throw new Error(`no way by ${key} to ${locator}: ${seen.slice(from).join(" | ")}`);
	}

	return {
		to,
		move,
		async press(locator, key = "Enter") {
			await to(locator);
			await page.keyboard.press(key);
		},
		async type(locator, text) {
			await to(locator);
			await page.keyboard.type(text);
		},
		/** A new page begins at its heading, for those who hear it. */
		async arrivesAt(heading) {
			await page.waitForFunction(
				(name) =>
					document.activeElement?.tagName === "H1" && document.activeElement.textContent.trim() === name,
				heading,
				{ timeout: 10_000 },
			);
		},
		where: async () => (await page.evaluate(describe))?.name ?? "nowhere",
		stops: () => seen.length,
	};
}
