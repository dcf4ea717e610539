/** What a meeting costs: the time of processes, and how smooth a page is. */
import { readdir, readFile } from "node:fs/promises";

/** Ticks of the kernel's clock a second. */
const ticks = 100;

async function statOf(pid) {
	const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
	// The name stands in brackets and may hold anything.
	const words = text?.slice(text.lastIndexOf(")") + 2).split(" ");
	return words && { parent: Number(words[1]), seconds: (Number(words[11]) + Number(words[12])) / ticks };
}

/** Seconds of processor time that a process and all below it have used. */
export async function usedBy(pid) {
	const all = new Map();
	for (const name of await readdir("/proc"))
		if (/^\d+$/.test(name)) {
			const stat = await statOf(name);
			if (stat) all.set(Number(name), stat);
		}
	const sum = (root) => {
		let seconds = all.get(root)?.seconds ?? 0;
		for (const [child, { parent }] of all) if (parent === root) seconds += sum(child);
		return seconds;
	};
	return sum(pid);
}

/** Resident memory in kB. */
export async function residentOf(pid) {
	const status = await readFile(`/proc/${pid}/status`, "utf8");
	return Number(status.match(/^VmRSS:\s+(\d+) kB$/m)[1]);
}

/** Seconds of processor time that all processes of the machine have used. */
export async function usedByAll() {
	const words = (await readFile("/proc/stat", "utf8")).split("\n")[0].split(/\s+/).slice(1).map(Number);
	const [user, nice, system, , , interrupts, soft] = words;
	return (user + nice + system + interrupts + soft) / ticks;
}

/** Runs in the page: begins to watch how even its frames are and what holds it up. */
export function watchPace() {
	const gaps = [];
	const long = [];
	let last = performance.now();
	let watches = true;
	const frame = () => {
		const now = performance.now();
		gaps.push(now - last);
		last = now;
		if (watches) requestAnimationFrame(frame);
	};
	requestAnimationFrame(frame);
	const observer = new PerformanceObserver((list) => {
		for (const { duration } of list.getEntries()) long.push(duration);
	});
	observer.observe({ entryTypes: ["longtask"] });
	window.pace = () => {
		watches = false;
		observer.disconnect();
		gaps.sort((one, other) => one - other);
		const at = (part) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * part))];
		return {
			median_frame_rate: 1000 / at(0.5),
			frame_rate: (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0),
			p95_gap_ms: at(0.95),
			longest_gap_ms: at(1),
			long_tasks: long.length,
			long_tasks_ms: long.reduce((sum, each) => sum + each, 0),
		};
	};
}

const counted = ["TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration"];

/** What the page's main thread does, by kind of work, in seconds; and its profile if wanted. */
export async function openMeter(page, { profile = false } = {}) {
	const session = await page.context().newCDPSession(page);
	await session.send("Performance.enable");
	if (profile) {
		await session.send("Profiler.enable");
		await session.send("Profiler.start");
	}
	return {
		async read() {
			const { metrics } = await session.send("Performance.getMetrics");
			return Object.fromEntries(
				metrics.filter(({ name }) => counted.includes(name)).map((m) => [m.name, m.value]),
			);
		},
		async profile() {
			return (await session.send("Profiler.stop")).profile;
		},
	};
}

/** Where the time of a profile went, the most first: seconds in each function itself. */
export function busiest({ nodes, samples, timeDeltas }, most = 25) {
	const names = new Map(
		nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
			id,
			`${functionName || "(anonymous)"} ${url.split("/").at(-1)}:${lineNumber}`,
		]),
	);
	const time = new Map();
	samples.forEach((id, at) => {
		const name = names.get(id);
		time.set(name, (time.get(name) ?? 0) + timeDeltas[at] / 1e6);
	});
	return [...time].sort((one, other) => other[1] - one[1]).slice(0, most);
}
