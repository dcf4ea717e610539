/** Load clients in a meeting: they take seats as guests do, and say yes to their devices. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A seat for a guest of this name, with camera and microphone permitted. */
async function takeSeat(origin, code, name, devices) {
	let cookies = "";
	const ask = async (method, path, body) => {
		const answer = await fetch(`${origin}/api/meetings/${code}/${path}`, {
			method,
			headers: { "content-type": "application/json", origin, cookie: cookies },
			body: JSON.stringify(body),
		});
		if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
		const given = answer.headers.getSetCookie().map((each) => each.split(";")[0]);
		if (given.length > 0) cookies = given.join("; ");
		return await answer.json();
	};
	const { media } = await ask("POST", "join", { name });
	for (const device of devices) await ask("PUT", `seat/devices/${device}`, { on: true, language: "en" });
	return { url: media.url, token: media.token };
}

/** Fills a meeting, and answers when all are in and send. */
export async function fill(binary, { origin, code, count, talkers, more = [] }) {
	const child = spawn(binary, ["--talkers", String(talkers), ...more]);
	child.stderr.pipe(process.stderr);
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const said = async () => {
		const { value, done } = await lines.next();
		if (done) throw new Error("the load clients ended early");
		return JSON.parse(value);
	};
	for (let at = 0; at < count; at += 1) {
		const devices = at < talkers ? ["camera", "microphone"] : ["camera"];
		const seat = await takeSeat(origin, code, `Person ${at + 1}`, devices);
		child.stdin.write(`${JSON.stringify(seat)}\n`);
		// A seat that is not taken soon is given up.
		await said();
	}
	child.stdin.write("\n");
	return {
		pid: child.pid,
		/** What they got so far. */
		async got() {
			child.stdin.write("\n");
			return await said();
		},
		kill: () => child.kill("SIGKILL"),
	};
}
