/**
 * A full room on the real binary: load clients with real media, and two people in real browsers, who are measured while
 * it goes on. Writes what it found as JSON.
 *
 * node e2e/crowd.mjs <kloud> <kloud-load> --json <file> [--people 30] [--talkers 6] [--seconds 30] [--cameras 2]
 *                    [--browsers 2]
 *                    [--profile <folder>] [--picture <file>]
 */
import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { fill } from "./stage/crowd.mjs";
import { ask, settle } from "./stage/instance.mjs";
import { busiest, openMeter, residentOf, usedBy, usedByAll, watchPace } from "./stage/measure.mjs";
import { button, openBrowser, person, until } from "./stage/people.mjs";
import { place } from "./stage/server.mjs";

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		json: { type: "string" },
		people: { type: "string", default: "30" },
		talkers: { type: "string", default: "6" },
		seconds: { type: "string", default: "30" },
		cameras: { type: "string", default: "2" },
		browsers: { type: "string", default: "2" },
		profile: { type: "string" },
		picture: { type: "string" },
	},
});
const [binary, load] = positionals;
if (!load || !values.json)
	throw new Error("say where the programs are: node e2e/crowd.mjs <kloud> <kloud-load> --json <file>");
const [people, talkers, seconds, cameras, watchers] = [
	"people",
	"talkers",
	"seconds",
	"cameras",
	"browsers",
].map((name) => Number(values[name]));
const names = ["Maya Köhler", "Guest Omar"].slice(0, watchers);
const count = people - names.length;

const server = await place(binary);
const words = await server.start();
const origin = server.origin.replace("localhost", "127.0.0.1");
const browsers = [await openBrowser()];
if (watchers > 1) browsers.push(await openBrowser());
const persons = await Promise.all(browsers.map((browser) => person(browser, server.origin)));
const [hostPage] = persons.map(({ page }) => page);
const pages = persons.map(({ page }) => page).slice(0, watchers);
let crowd = null;

async function join(page, name, withCamera) {
	if (name) await page.getByRole("textbox", { name: "Your name" }).fill(name);
	await button(page, "Join with everything off").click();
	await page.getByRole("navigation", { name: "Meeting controls" }).waitFor();
	for (const device of withCamera ? ["camera", "microphone"] : []) {
		await button(page, `Turn on ${device}`).click();
		await page
			.getByRole("alertdialog")
			.getByRole("button", { name: `Turn on ${device}` })
			.click();
		await button(page, `Turn off ${device}`).waitFor();
	}
}

/** Frames of others come in at a rate that no longer rises. */
async function settled(page) {
	let [before, rate] = [await page.evaluate(() => window.heard()), 0];
	for (let round = 0; round < 30; round += 1) {
		const goal = before.frames + 400;
		const began = performance.now();
		const now = await until(page, ({ frames }) => frames >= goal, "frames of others");
		const next = (now.frames - before.frames) / (performance.now() - began);
		if (next < rate * 1.05 && round > 3) return;
		[before, rate] = [now, Math.max(rate, next)];
	}
}

async function readAll(meters) {
	return {
		at: performance.now(),
		server: await usedBy(server.pid()),
		load: await usedBy(crowd.pid),
		family: await usedBy(process.pid),
		machine: await usedByAll(),
		got: await crowd.got(),
		pages: await Promise.all(
			pages.map(async (page, at) => ({
				heard: await page.evaluate(() => window.heard()),
				work: await meters[at].read(),
			})),
		),
	};
}

const round = (value) => Math.round(value * 100) / 100;

function pageReport(pace, before, after, span) {
	const work = Object.entries(after.work).map(([name, value]) => [
		name
			.replace(/Duration$/, "")
			.replace(/(?<=[a-z])(?=[A-Z])/g, "_")
			.toLowerCase(),
		round((value - before.work[name]) / span),
	]);
	const since = (name) => after.heard[name] - before.heard[name];
	return {
		...Object.fromEntries(Object.entries(pace).map(([name, value]) => [name, round(value)])),
		decoded_per_second: round(since("frames") / span),
		pictures: after.heard.pictures,
		freezes: since("freezes"),
		lost_packets: since("lost"),
		main_thread_share: Object.fromEntries(work),
	};
}

try {
	await settle(hostPage, words, "Maya Köhler");
	const meeting = await ask(hostPage, "POST", "/api/meetings", { title: "A full room", admission: "link" });
	const link = `${server.origin}/m/${meeting.code}`;
	if (watchers === 0) await browsers[0].close();
	for (const [at, page] of pages.entries()) {
		await page.goto(link);
		await join(page, at > 0 ? names[at] : null, at < cameras);
	}
	crowd = await fill(load, { origin, code: meeting.code, count, talkers });
	for (const page of pages) await settled(page);
	const meters = await Promise.all(
		pages.map((page) => openMeter(page, { profile: Boolean(values.profile) })),
	);
	const before = await readAll(meters);
	await Promise.all(pages.map((page) => page.evaluate(watchPace)));
	await new Promise((done) => setTimeout(done, seconds * 1000));
	const paces = await Promise.all(pages.map((page) => page.evaluate(() => window.pace())));
	const after = await readAll(meters);
	const memory = await residentOf(server.pid());
	if (values.picture) await pages[0]?.screenshot({ path: values.picture });
	if (values.profile) {
		await mkdir(values.profile, { recursive: true });
		for (const [at, meter] of meters.entries()) {
			const profile = await meter.profile();
			await writeFile(`${values.profile}/page-${at + 1}.cpuprofile`, JSON.stringify(profile));
			console.log(
				busiest(profile)
					.map(([name, time]) => `${time.toFixed(2)} s ${name}`)
					.join("\n"),
				"\n",
			);
		}
	}
	const span = (after.at - before.at) / 1000;
	const share = (name) => round((after[name] - before[name]) / span);
	const report = {
		people,
		talkers,
		cameras,
		seconds: round(span),
		server_cores: share("server"),
		server_kb: memory,
		load_cores: share("load"),
		browser_cores: round(share("family") - share("server") - share("load")),
		machine_cores: share("machine"),
		browsers: pages.map((_, at) => pageReport(paces[at], before.pages[at], after.pages[at], span)),
		load: {
			packets_per_second: round((after.got.packets - before.got.packets) / span),
			missing: after.got.missing - before.got.missing,
			gone: after.got.closed,
		},
		server_us_per_packet: round(
			((after.server - before.server) * 1e6) / (after.got.packets - before.got.packets),
		),
	};
	await writeFile(values.json, `${JSON.stringify(report, null, "\t")}\n`);
} catch (error) {
	console.error(error, server.log().split("\n").slice(-20).join("\n"));
	process.exitCode = 1;
} finally {
	crowd?.kill();
	for (const browser of browsers) await browser.close();
	await server.remove();
}
