import { afterEach, expect, test, vi } from "vitest";
import { isServerFull } from "@/lib/server-full";

const answers = (status: number, body: string) =>
	vi.stubGlobal("fetch", vi.fn().mockResolvedValue(new Response(body, { status })));
const full = JSON.stringify({ status: 503, code: "overloaded" });

afterEach(() => vi.unstubAllGlobals());

test("a server that says it is full is full", async () => {
	answers(503, full);
	expect(await isServerFull("wss://meet.example:8443/", "t")).toBe(true);
	expect(fetch).toHaveBeenCalledWith(
		"https://meet.example:8443/rtc/validate?access_token=t",
		expect.anything(),
	);
});

test("any other answer is another trouble", async () => {
	for (const [status, body] of [
		[200, "success"],
		[401, full],
		[503, "the room is full"],
		[503, "{}"],
	] as const) {
		answers(status, body);
		expect(await isServerFull("ws://x", "t")).toBe(false);
	}
	vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("gone")));
	expect(await isServerFull("ws://x", "t")).toBe(false);
});
