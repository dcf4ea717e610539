/** The script that sign-in and home load first, compressed as it travels, against its budget. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budget = 250_000;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** A chunk and everything it needs before it runs. */
export function chunksOf(entries, all) {
	const found = new Set();
	const add = (key) => {
		if (found.has(key) || !all[key]) return;
		found.add(key);
		for (const next of all[key].imports ?? []) add(next);
	};
	for (const entry of entries) add(entry);
	return [...found].map((key) => all[key].file).filter((file) => file.endsWith(".js"));
}

const route = (name) => {
	const key = Object.keys(manifest).find(
		(each) => each.startsWith(`src/app/routes/${name}.tsx`) && each.includes("component"),
	);
	if (!key) throw new Error(`no route ${name} in the manifest`);
	return key;
};

const catalog = "src/locales/en.po";
const pages = {
	"sign-in": ["index.html", catalog, route("sign-in")],
	home: ["index.html", catalog, route("_app"), route("_app/index")],
	"pre-join": ["meeting.html", catalog],
};

let isOver = false;
for (const [page, entries] of Object.entries(pages)) {
	const bytes = chunksOf(entries, manifest).reduce(
		(sum, file) => sum + gzipSync(readFileSync(new URL(file, dist))).length,
		0,
	);
	console.log(`${page}: ${(bytes / 1000).toFixed(1)} kB of ${budget / 1000} kB`);
	isOver ||= bytes > budget;
}
if (isOver) {
	console.error("The first load is over its budget.");
	process.exit(1);
}
