/**
 * The house's rules that no ready-made linter knows: what may import what, text only by i18n, values only from
 * tokens, components of a readable length.
 */
import ts from "typescript";

/** Who may be imported by whom; types may come from further up, for they leave nothing in the program. */
const mayImport = {
	lib: ["lib", "locales"],
	api: ["api", "lib"],
	call: ["call", "lib", "api"],
	ui: ["ui", "lib", "api"],
	features: ["ui", "api", "lib", "call"],
	app: ["app", "features", "ui", "api", "lib", "call"],
};

const importLine = /^import\s+(type\s+)?[^"']*["']([^"']+)["']/gm;

export function importFaults(path, text) {
	const [, layer, feature] = path.split("/");
	const allowed = mayImport[layer];
	if (!allowed || path.endsWith(".test.ts") || path.endsWith(".test.tsx")) return [];
	const faults = [];
	for (const [, isType, from] of text.matchAll(importLine)) {
		if (layer === "call" && /^react|^@tanstack\/react|^@lingui/.test(from))
			faults.push(`call/ knows no framework: ${from}`);
		if (from.startsWith("livekit-client") && !/^src\/call\/livekit(-check)?\.ts$/.test(path))
			faults.push("livekit-client is known to call/livekit.ts and call/livekit-check.ts alone");
		if (!from.startsWith("@/") || isType) continue;
		const [target, targetFeature] = from.slice(2).split("/");
		const isOwn = layer === "features" && target === "features" && targetFeature === feature;
		if (!isOwn && !allowed.includes(target)) faults.push(`${layer} may not import ${from}`);
	}
	if (layer !== "api" && layer !== "lib" && /[^.\w]fetch\(/.test(text))
		faults.push("fetch is called only by the generated client");
	if (/\buse(Layout)?Effect\(/.test(text))
		faults.push("an effect hook: subscribe to a store or use a ref instead");
	return faults;
}

const textAttributes = /^(aria-label|label|title|placeholder|alt|hint|lead|description)$/;
const letters = /[\p{L}]{2,}/u;
const spokenAsTheyAre = new Set(["Kloud"]);

/** Text that a person reads and no translator has seen. */
export function literalFaults(path, text) {
	if (!path.endsWith(".tsx") || path.endsWith(".test.tsx")) return [];
	const faults = [];
	const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
	const visit = (node, isTranslated) => {
		const tag = ts.isJsxElement(node) ? node.openingElement.tagName.getText() : "";
		const inside = isTranslated || tag === "Trans";
		const line = () => file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
		if (ts.isJsxText(node) && !inside && letters.test(node.text) && !spokenAsTheyAre.has(node.text.trim())) {
			faults.push(`line ${line()}: text outside of i18n: ${node.text.trim()}`);
		}
		if (
			ts.isJsxAttribute(node) &&
			textAttributes.test(node.name.getText()) &&
			node.initializer &&
			ts.isStringLiteral(node.initializer)
		) {
			faults.push(`line ${line()}: ${node.name.getText()} outside of i18n: ${node.initializer.text}`);
		}
		ts.forEachChild(node, (child) => visit(child, inside));
	};
	visit(file, false);
	return faults;
}

const written = /#[0-9a-f]{3,8}\b|\b(?!0px)\d*\.?\d+(px|rem|em|ms|s)\b|\brgba?\(|\bhsl/i;
const exempt = /^\s*(@media|@container|\/\*)|stroke-width|aspect-ratio/;

/** Colours, sizes and times in a feature. */
export function tokenFaults(path, text) {
	if (!path.endsWith(".module.css") || path.startsWith("src/ui/")) return [];
	return text
		.split("\n")
		.map((line, at) => ({ line, at: at + 1 }))
		.filter(({ line }) => written.test(line) && !exempt.test(line))
		.map(({ line, at }) => `line ${at}: a value that is no token: ${line.trim()}`);
}

const longestFile = 200;

export function lengthFaults(path, text) {
	const lines = text.split("\n").length;
	return path.endsWith(".tsx") && lines > longestFile
		? [`${lines} lines; a component has ${longestFile} at most`]
		: [];
}

export const rules = [importFaults, literalFaults, tokenFaults, lengthFaults];
