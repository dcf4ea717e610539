import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

export default defineConfig({
	sourceLocale: "en",
	locales: ["en", "zh-CN"],
	orderBy: "message",
	// Line numbers would make every change of a file a change of the catalogs.
	format: formatter({ lineNumbers: false }),
	catalogs: [{ path: "src/locales/{locale}", include: ["src"], exclude: ["**/*.test.tsx"] }],
	compileNamespace: "es",
});
