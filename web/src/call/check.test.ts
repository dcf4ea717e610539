import { expect, test, vi } from "vitest";
import { type CheckPorts, createCheck, reportOf, talkState, verdictOf } from "@/call/check";
import type { Talk, Tried, Way } from "@/call/check-types";
import { echoOf } from "@/call/echo";
import { onlyWay } from "@/call/force-way";

const clear: Talk = { loss: 0, tripMs: 40, jitterMs: 2, wasSteady: true };
const works = (way: Way): Tried => ({
	isSignalled: true,
	kind: "open",
	line: { ms: 120, relays: way === "relay" ? ["udp"] : [], close: async () => {} },
});

async function outcome(shut: readonly Way[], more: Partial<CheckPorts> = {}, talk: Talk | null = clear) {
	const talked = vi.fn(async (_pass: unknown, _way: Way) => talk);
	const check = createCheck({
		answer: async () => 20,
		canMedia: () => true,
		pass: async () => ({ url: "wss://kloud.test", sender: "s", hearer: "h" }),
		openLines: async () => ({
			open: async (_url, _token, way) =>
				shut.includes(way) ? { isSignalled: true, kind: "failed" } : works(way),
			talk: talked,
		}),
		...more,
	});
	await check.run();
	const view = check.view.get();
	return { view, verdict: verdictOf(view), by: talked.mock.calls.map(([, way]) => way) };
}

test("the fastest way that is open carries the talk, and decides the verdict", async () => {
	expect(await outcome([])).toMatchObject({ verdict: "well", by: ["udp"] });
	expect(await outcome(["tcp", "relay"])).toMatchObject({ verdict: "well", by: ["udp"] });
	expect(await outcome(["udp"])).toMatchObject({ verdict: "only-tcp", by: ["tcp"] });
	expect(await outcome(["udp", "tcp"])).toMatchObject({ verdict: "only-relay", by: ["relay"] });
	expect(await outcome(["udp", "tcp", "relay"])).toMatchObject({ verdict: "no-media", by: [] });
});

test("what stands before the media is told apart", async () => {
	expect((await outcome([], { answer: async () => null })).verdict).toBe("no-server");
	expect((await outcome([], { canMedia: () => false })).verdict).toBe("no-browser");
	const refused = { pass: () => Promise.reject({ code: "too_many_attempts", status: 429, params: {} }) };
	expect((await outcome([], refused)).verdict).toBe("refused");
	const deaf = {
		openLines: async () => ({
			open: async (): Promise<Tried> => ({ isSignalled: false }),
			talk: async () => null,
		}),
	};
	const { verdict, view } = await outcome([], deaf);
	expect(verdict).toBe("no-signal");
	expect(view.states).toMatchObject({ server: "good", udp: "failed", tcp: "skipped", talk: "skipped" });
});

test("a bad line is told from a good one", async () => {
	expect((await outcome([], {}, { ...clear, loss: 0.1 })).verdict).toBe("weak");
	expect((await outcome([], {}, { ...clear, wasSteady: false })).verdict).toBe("weak");
	expect((await outcome([], {}, null)).verdict).toBe("no-talk");
	expect(talkState({ ...clear, tripMs: 400 })).toBe("slow");
	expect(talkState({ ...clear, jitterMs: 90 })).toBe("slow");
	expect(talkState({ ...clear, loss: 0.5 })).toBe("failed");
});

test("a check that breaks says so, and can be run again", async () => {
	const check = createCheck({
		answer: async () => 20,
		canMedia: () => true,
		pass: async () => ({ url: "", sender: "", hearer: "" }),
		openLines: () => Promise.reject(new Error("not fetched")),
	});
	await check.run().catch(() => {});
	expect(check.view.get().isOver).toBe(true);
	expect(verdictOf(check.view.get())).toBe("no-media");
});

test("the report holds outcomes and numbers, and no address", async () => {
	const { view } = await outcome(["tcp"]);
	const report = reportOf(view);
	expect(report).toContain("verdict: well");
	expect(report).toContain("tcp: failed");
	expect(report).toContain("loss 0.0 %, round trip 40 ms, jitter 2 ms");
	expect(report).not.toContain("kloud.test");
});

test("only one way's candidates are left of a description", () => {
	const sdp = [
		"v=0",
		"a=candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host",
		"a=candidate:2 1 TCP 1671430143 192.0.2.1 7882 typ host tcptype passive",
		"a=end-of-candidates",
		"",
	].join("\r\n");
	expect(onlyWay(sdp, "udp")).not.toContain("candidate:2");
	expect(onlyWay(sdp, "tcp")).not.toContain("candidate:1");
	expect(onlyWay(sdp, "tcp")).toContain("candidate:2");
	expect(onlyWay(sdp, "relay")).toBe(sdp);
	expect(onlyWay(sdp, "udp")).toContain("a=end-of-candidates");
});

test("what is heard again is measured", () => {
	const heard = new Map([
		[0, 40],
		[1, 70],
		[3, 100],
	]);
	expect(echoOf([0, 20, 40, 60], heard, true)).toEqual({
		loss: 0.25,
		tripMs: 40,
		jitterMs: 10,
		wasSteady: true,
	});
	expect(echoOf([0, 20], new Map(), true)).toBe(null);
});
