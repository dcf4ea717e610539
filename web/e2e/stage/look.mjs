/** Looks at a page: axe always, pictures if there is a folder for them. */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

export async function createLook(folder) {
	if (folder) await mkdir(folder, { recursive: true });

	async function axe(page, name) {
		const { violations } = await new AxeBuilder({ page }).analyze();
		assert.deepEqual(
			violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(" | ")}`),
			[],
			`axe on ${name}`,
		);
	}

	return {
		async look(page, name) {
			await axe(page, name);
			if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
		},
		/** What a page showed when the story failed. */
		async failed(page, name) {
			if (folder) await page.screenshot({ path: join(folder, `FAILED-${name}.png`) }).catch(() => {});
		},
	};
}
