/** Everything that must hold before a change is taken: format, lint, types, texts, the house's rules, size. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rules } from "./rules.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const faults = [];

function run(name, command, ...args) {
	try {
		execFileSync(command, args, { cwd: root, stdio: "pipe", encoding: "utf8" });
	} catch (error) {
		faults.push(`${name}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
	}
}

function textsFaults() {
	const catalogs = ["src/locales/en.po", "src/locales/zh-CN.po"].map((path) => ({
		path,
		before: readFileSync(root + path, "utf8"),
	}));
	run("lingui extract", "node", "node_modules/@lingui/cli/dist/lingui.js", "extract", "--clean");
	for (const { path, before } of catalogs) {
		const after = readFileSync(root + path, "utf8");
		// Times of making are no difference.
		const plain = (text) => text.replace(/"POT-Creation-Date:.*\n/, "");
		if (plain(after) !== plain(before)) faults.push(`${path}: run "pnpm i18n" and commit what it writes`);
		const missing = [...after.matchAll(/msgid "(.+)"\nmsgstr ""\n(?!")/g)].map(([, id]) => id);
		for (const id of missing) faults.push(`${path}: no words for: ${id}`);
		writeFileSync(root + path, before);
	}
}

run("biome", "node_modules/.bin/biome", "check", "--error-on-warnings", ".");
run("types", "node", "node_modules/typescript-7/bin/tsc", "-p", ".");
textsFaults();
const sources = readdirSync(`${root}src`, { recursive: true }).filter((path) => /\.(tsx?|css)$/.test(path));
for (const path of sources.map((each) => `src/${each}`)) {
	const text = readFileSync(root + path, "utf8");
	for (const rule of rules) for (const fault of rule(path, text)) faults.push(`${path}: ${fault}`);
}
run("build", "node", "node_modules/vite/bin/vite.js", "build", "--logLevel", "error");
run("size", "node", "scripts/size.mjs");

for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? "all good" : `${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
