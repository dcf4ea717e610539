/** The built client on the made-up server, with a browser beside it. Each visitor has a world of their own. */
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { build, preview } from "vite";

const flags =
	"--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --use-fake-device-for-media-stream --use-fake-ui-for-media-stream --auto-select-desktop-capture-source=Entire";

export const launch = (...more) =>
	chromium.launch({ executablePath: "/usr/bin/chromium", args: [...flags.split(" "), ...more] });

export async function mockPlace() {
	const outDir = join(tmpdir(), `kloud-mock-${process.pid}`);
	await build({ mode: "mock", logLevel: "error", build: { outDir, emptyOutDir: true } });
	const server = await preview({ mode: "mock", logLevel: "error", build: { outDir }, preview: { port: 0 } });
	const origin = `http://localhost:${server.httpServer.address().port}`;
	let world = 0;
	return {
		origin,
		async visitor(browser, scenario, options) {
			const context = await browser.newContext({ locale: "en", timezoneId: "Europe/Berlin", ...options });
			world += 1;
			const mock = { language: options?.locale ?? "en", theme: "system", world, ...scenario };
			await context.addCookies([
				{ name: "mock", value: encodeURIComponent(JSON.stringify(mock)), url: origin },
			]);
			return { context, page: await context.newPage() };
		},
		async end() {
			await server.close();
			await rm(outDir, { recursive: true, force: true });
		},
	};
}
