import { defineConfig } from "@lingui/cli";

export default defineConfig({
	sourceLocale: "en",
	locales: ["en", "zh-CN"],
	// Order and line numbers would make every change of a file a change of the catalog.
	orderBy: "message",
	catalogs: [{ path: "src/locales/{locale}", include: ["src"] }],
	compileNamespace: "es",
});
