/**
 * The runtime of the background blur, from its npm package to our own address. Its files ask for each other by name, so
 * the folder has the version. The large one is packed here once; the server sends it as it is.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Connect, Plugin } from "vite";

const from = new URL("../node_modules/@mediapipe/tasks-vision/", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", from), "utf8"));
const folder = `assets/vision-${version}`;
// Every browser we build for has SIMD; the second build would double what is shipped.
const types = {
	"vision_wasm_internal.js": "text/javascript",
	"vision_wasm_internal.wasm": "application/wasm",
};
const read = (name: string) => readFileSync(new URL(`wasm/${name}`, from));

const serve: Connect.NextHandleFunction = (request, response, next) => {
	for (const [name, type] of Object.entries(types)) {
		if (request.url?.split("?")[0] !== `/${folder}/${name}`) continue;
		response.setHeader("content-type", type);
		return response.end(read(name));
	}
	next();
};

export function visionRuntime(): Plugin {
	return {
		name: "kloud-vision-runtime",
		config: () => ({ define: { "import.meta.env.VISION_RUNTIME": JSON.stringify(`/${folder}`) } }),
		configureServer: (server) => void server.middlewares.use(serve),
		configurePreviewServer: (server) => void server.middlewares.use(serve),
		generateBundle() {
			for (const name of Object.keys(types)) {
				const packed = name.endsWith(".wasm");
				const source = packed ? gzipSync(read(name), { level: 9 }) : read(name);
				this.emitFile({ type: "asset", fileName: `${folder}/${name}${packed ? ".gz" : ""}`, source });
			}
		},
	};
}
