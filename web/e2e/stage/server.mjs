/** The real server: a folder of its own, free ports, start and end. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const freePort = () =>
	new Promise((resolve) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});

export async function place(binary) {
	const data = await mkdtemp(join(tmpdir(), "kloud-e2e-"));
	const port = await freePort();
	const mediaPort = await freePort();
	let running = null;

	/** Starts the server and answers with its first words, once it says where it is. */
	async function start(...more) {
		const child = spawn(binary, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`, ...more], {
			// What a full machine can do is to be seen, so nobody is refused for it.
			env: {
				...process.env,
				KLOUD_MEDIA__PORT: String(mediaPort),
				KLOUD_MEDIA__BUSY_MAX: "1",
				KLOUD_LOG: "warn,kloud=debug",
			},
		});
		const mine = { child, log: "" };
		running = mine;
		child.stderr.on("data", (text) => {
			mine.log += text;
		});
		const words = await new Promise((resolve, reject) => {
			let said = "";
			child.stdout.on("data", (text) => {
				said += text;
				if (/http:\/\/\S+\n/.test(said)) resolve(said);
			});
			child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${mine.log}`)));
		});
		child.removeAllListeners("exit");
		return words;
	}

	async function stop(signal) {
		const { child } = running;
		const gone = new Promise((resolve) => child.once("exit", resolve));
		child.kill(signal);
		await gone;
	}

	return {
		data,
		origin: `http://localhost:${port}`,
		start,
		stop,
		log: () => running?.log ?? "",
		pid: () => running.child.pid,
		async remove() {
			running?.child.kill("SIGKILL");
			await rm(data, { recursive: true, force: true });
		},
	};
}
