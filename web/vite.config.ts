import { fileURLToPath } from "node:url";
import { lingui } from "@lingui/vite-plugin";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import babel from "@rolldown/plugin-babel";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { documents } from "./mock-api/documents.ts";
import { mockApi } from "./mock-api/plugin.ts";
import { visionRuntime } from "./scripts/vision-runtime.ts";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => {
	const server = process.env.KLOUD_SERVER;
	const mocked = mode === "mock" || (mode === "development" && !server);
	return {
		plugins: [
			tanstackRouter({
				target: "react",
				routesDirectory: "src/app/routes",
				generatedRouteTree: "src/app/routeTree.gen.ts",
				autoCodeSplitting: true,
				quoteStyle: "double",
				semicolons: true,
			}),
			react(),
			babel({
				plugins: ["@lingui/babel-plugin-lingui-macro"],
				parserOpts: { plugins: ["typescript", "jsx"] },
				include: /\/src\/.*\.tsx?$/,
			}),
			lingui({ failOnCompileError: true }),
			{ ...optimizeLocales.vite({ locales: ["en-US", "zh-CN"] }), enforce: "pre" as const },
			documents(),
			visionRuntime(),
			...(mocked ? [mockApi()] : []),
		],
		resolve: {
			alias: [
				{ find: "#media", replacement: at(mocked ? "./mock-api/media.ts" : "./src/call/livekit.ts") },
				{ find: "#check", replacement: at(mocked ? "./mock-api/check.ts" : "./src/call/livekit-check.ts") },
				{ find: /^@\//, replacement: `${at("./src")}/` },
			],
		},
		server: {
			port: 5173,
			proxy: server ? { "/api": { target: server, ws: true }, "/healthz": server } : undefined,
		},
		build: {
			target: "es2023",
			// Older targets would have the bundler rewrite light-dark(), which nested themes need as it is.
			cssTarget: ["chrome123", "firefox125", "safari17.5"],
			manifest: true,
			rolldownOptions: {
				input: { index: at("./index.html"), meeting: at("./meeting.html") },
				output: {
					// Otherwise each icon that two pages share is a request of its own.
					codeSplitting: { groups: [{ name: "icons", test: /node_modules[\\/].*lucide-react/ }] },
				},
			},
		},
		test: {
			// A busy machine draws slowly.
			testTimeout: 30_000,
			environment: "jsdom",
			setupFiles: ["./src/lib/test-setup.ts"],
			include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.ts"],
			css: false,
		},
	};
});
