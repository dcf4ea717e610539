import { expect, test } from "vitest";
import { BlurError, type BlurLevel } from "@/call/blur/level";
import { createPreview } from "@/call/preview";
import { createStore } from "@/lib/store";

class FakeTrack extends EventTarget {
	readyState = "live";
	getSettings = () => ({ deviceId: "front" });
	stop() {
		this.readyState = "ended";
	}
}

class FakeStream {
	constructor(readonly tracks: FakeTrack[]) {}
	getTracks = () => this.tracks;
}

function setUp(level: BlurLevel) {
	Object.assign(globalThis, { MediaStream: FakeStream });
	const cameras: FakeTrack[] = [];
	const blurred = new FakeTrack();
	const devices = {
		getUserMedia: async () => {
			const track = new FakeTrack();
			cameras.push(track);
			return new FakeStream([track]);
		},
		enumerateDevices: async () => [],
		addEventListener: () => {},
	} as unknown as MediaDevices;
	const answer = { resolve: () => {}, reject: (_: Error) => {} };
	const answered = new Promise<void>((resolve, reject) => Object.assign(answer, { resolve, reject }));
	const preview = createPreview(devices, createStore(level), async (track) => {
		await answered;
		return {
			track: blurred as unknown as MediaStreamTrack,
			end: async () => track.stop(),
		};
	});
	const seen = () => {
		const { camera } = preview.view.get();
		return camera.kind === "on" ? camera.stream.getTracks()[0] : camera.kind;
	};
	return { preview, cameras, blurred, answer, seen };
}

test("one is not shown before one is blurred, and the camera goes out with the picture", async () => {
	const { preview, cameras, blurred, answer, seen } = setUp("strong");
	const turning = preview.toggle("camera");
	expect(seen()).toBe("starting");
	answer.resolve();
	await turning;
	expect(seen()).toBe(blurred);
	await preview.toggle("camera");
	expect(cameras[0]?.readyState).toBe("ended");
});

test("a picture that is to be blurred goes away first", async () => {
	const { preview, cameras, blurred, answer, seen } = setUp("off");
	await preview.toggle("camera");
	expect(seen()).toBe(cameras[0]);
	const blurring = preview.blur("slight");
	expect([seen(), cameras[0]?.readyState]).toEqual(["starting", "ended"]);
	answer.resolve();
	await blurring;
	expect(seen()).toBe(blurred);
});

test("without a blur there is no picture", async () => {
	const { preview, cameras, answer } = setUp("slight");
	answer.reject(new BlurError("no"));
	await preview.toggle("camera");
	expect(preview.view.get().camera).toEqual({ kind: "refused", why: "blur" });
	expect(cameras[0]?.readyState).toBe("ended");
});

test("whoever went on while it was made ready is not filmed at the door", async () => {
	const { preview, cameras, blurred, answer, seen } = setUp("slight");
	const turning = preview.toggle("camera");
	preview.stop();
	answer.resolve();
	await turning;
	expect(seen()).toBe("off");
	expect([cameras[0]?.readyState, blurred.readyState]).toEqual(["ended", "ended"]);
});
