import { beforeEach, describe, expect, test } from "vitest";
import { BlurError } from "@/call/blur/level";
import { createCall, type Permits } from "@/call/call";
import {
	type MediaPort,
	type MediaState,
	type Peer,
	type Picture,
	ServerFullError,
	type Source,
} from "@/call/types";

const picture: Picture = { id: "p", attach: () => {}, detach: () => {} };

function setUp() {
	const acts: string[] = [];
	const listeners = new Set<() => void>();
	let permits: Permits = { camera: false, microphone: false, screen: false };
	const sending = new Set<Source>();
	const media = {
		state: "idle" as MediaState,
		startFails: null as Error | null,
		connectFails: null as Error | null,
		speakers: [] as string[],
		speak: () => {},
		devices: { camera: "built in", microphone: "headset", screen: "screen" },
		hasFailed: false,
		canFilter: true,
		change() {
			for (const listener of listeners) listener();
		},
		end(source: Source) {
			sending.delete(source);
			media.change();
		},
	};
	const port: MediaPort = {
		connect: async () => {
			if (media.connectFails) throw media.connectFails;
			media.state = "connected";
		},
		move: async () => void acts.push("move"),
		leave: async () => void acts.push("leave"),
		start: async (source, deviceId, blur) => {
			const how = blur === "off" ? "" : ` blurred: ${blur}`;
			acts.push(`start ${source}${deviceId ? ` ${deviceId}` : ""}${how}`);
			if (media.startFails) throw media.startFails;
			sending.add(source);
		},
		stop: async (source) => {
			acts.push(`stop ${source}`);
			sending.delete(source);
		},
		state: () => media.state,
		peers: (): Peer[] => [
			{
				identity: "you",
				name: null,
				isYou: true,
				isHeard: sending.has("microphone"),
				camera: sending.has("camera") ? picture : null,
				screen: sending.has("screen") ? picture : null,
				cameraWaits: false,
				screenWaits: false,
				quality: "good",
			},
		],
		speakers: () => media.speakers,
		inUse: (source) => ({ id: media.devices[source], name: media.devices[source] }),
		hasFailed: () => media.hasFailed,
		track: () => null,
		choose: async (kind, id) => {
			if (kind !== "speaker") media.devices[kind] = id;
			acts.push(`choose ${kind} ${id}`);
		},
		quieten: async () => media.canFilter,
		react: async (emoji) => void acts.push(`react ${emoji}`),
		onReaction: () => {},
		onSpeakers: (listener) => {
			media.speak = listener;
		},
		isSoundBlocked: () => false,
		allowSound: async () => {},
		subscribe: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
	const call = createCall({
		openMedia: async () => port,
		permit: async (source, on) => {
			acts.push(`permit ${source} ${on ? "on" : "off"}`);
			permits = { ...permits, [source]: on };
			return permits;
		},
	});
	const device = (source: Source) => call.view.get().devices[source].kind;
	/** Lets promises that nobody gave back run out. */
	const settle = () => new Promise((done) => setTimeout(done));
	return { call, acts, media, device, settle };
}

describe("a call", () => {
	test("a call that begins to connect says so at once", () => {
		const call = createCall({ openMedia: () => new Promise(() => {}), permit: () => new Promise(() => {}) });
		void call.connect({ url: "ws://x", token: "t" });
		expect(call.view.get().connection).toBe("connecting");
	});

	let world: ReturnType<typeof setUp>;
	beforeEach(async () => {
		world = setUp();
		await world.call.connect({ url: "ws://x", token: "t" });
	});

	test("asks at the first press and touches no device", () => {
		world.call.press("camera");
		expect(world.device("camera")).toBe("asking");
		expect(world.acts).toEqual([]);
	});

	test("writes the permit before it asks the browser", async () => {
		world.call.prefer("camera", "front");
		world.call.press("camera");
		await world.call.answer("camera", true);
		expect(world.acts).toEqual(["permit camera on", "start camera front"]);
		expect(world.device("camera")).toBe("on");
	});

	test("a camera begins as blurred as it was wished, and a blur that comes later takes it off first", async () => {
		await world.call.begin(["camera"]);
		await world.call.blur("strong");
		expect(world.acts.slice(1)).toEqual(["start camera", "stop camera", "start camera blurred: strong"]);
		expect(world.device("camera")).toBe("on");
		await world.call.blur("strong");
		expect(world.acts).toHaveLength(4);
	});

	test("a camera that cannot be blurred stays off, and comes on as it is only by a press", async () => {
		await world.call.blur("slight");
		world.media.startFails = new BlurError("no");
		await world.call.begin(["camera"]);
		expect(world.call.view.get().devices.camera).toEqual({ kind: "refused", why: "blur" });
		expect(world.acts.at(-1)).toBe("permit camera off");
		world.media.startFails = null;
		await world.call.blur("off");
		expect(world.device("camera")).toBe("refused");
		world.call.press("camera");
		await world.settle();
		expect(world.acts.at(-1)).toBe("start camera");
	});

	test("what a camera starts with cannot be changed under it", async () => {
		const starting = world.call.begin(["camera"]);
		await world.call.blur("strong");
		await starting;
		expect(world.call.blurWish.get()).toBe("off");
		expect(world.acts.at(-1)).toBe("start camera");
	});

	test("a no leaves everything as it was", async () => {
		world.call.press("microphone");
		await world.call.answer("microphone", false);
		expect(world.device("microphone")).toBe("off");
		expect(world.acts).toEqual([]);
	});

	test("one question at a time", () => {
		world.call.press("microphone");
		world.call.press("camera");
		expect([world.device("microphone"), world.device("camera")]).toEqual(["off", "asking"]);
	});

	test("a second press ends the track, a third starts without a question", async () => {
		world.call.press("microphone");
		await world.call.answer("microphone", true);
		world.call.press("microphone");
		await world.settle();
		expect(world.device("microphone")).toBe("off");
		world.call.press("microphone");
		await world.settle();
		expect(world.device("microphone")).toBe("on");
		expect(world.acts).toEqual([
			"permit microphone on",
			"start microphone",
			"stop microphone",
			"start microphone",
		]);
	});

	test("a shared screen shuts its gate when it stops", async () => {
		world.call.press("screen");
		await world.call.answer("screen", true);
		world.call.press("screen");
		await world.settle();
		expect(world.acts.slice(-2)).toEqual(["stop screen", "permit screen off"]);
	});

	test("the browser's own stop button counts", async () => {
		world.call.press("screen");
		await world.call.answer("screen", true);
		world.media.end("screen");
		await world.settle();
		expect(world.device("screen")).toBe("off");
		expect(world.acts.at(-1)).toBe("permit screen off");
		expect(world.call.view.get().notice).toBeNull();
	});

	test("a browser that refuses is said, and the gate is shut again", async () => {
		world.media.startFails = new DOMException("no", "NotAllowedError");
		world.call.press("camera");
		await world.call.answer("camera", true);
		expect(world.call.view.get().devices.camera).toEqual({ kind: "refused", why: "browser" });
		expect(world.acts.at(-1)).toBe("permit camera off");
	});

	test("closing the browser's question about the screen is no failure", async () => {
		world.media.startFails = new DOMException("no", "NotAllowedError");
		world.call.press("screen");
		await world.call.answer("screen", true);
		expect(world.device("screen")).toBe("off");
	});

	test("a permission taken back ends the track, is said, and is asked for again", async () => {
		world.call.press("camera");
		await world.call.answer("camera", true);
		world.call.applyPermits({ camera: false, microphone: false, screen: false });
		await world.settle();
		expect(world.acts.at(-1)).toBe("stop camera");
		expect(world.call.view.get().notice).toEqual({ kind: "withdrawn", source: "camera" });
		world.call.press("camera");
		expect(world.device("camera")).toBe("asking");
	});

	test("what a host holds back and allows again comes on at the first press", async () => {
		const may = { microphone: true, camera: true, screen: true, chat: true };
		world.call.applyRights(may);
		world.call.press("microphone");
		await world.call.answer("microphone", true);
		const shut = { camera: false, microphone: false, screen: false };
		world.call.applyRights({ ...may, microphone: false });
		world.call.applyPermits(shut);
		world.media.end("microphone");
		expect(world.call.view.get().notice).toEqual({ kind: "held", source: "microphone" });
		world.call.applyRights(may);
		world.call.applyPermits(shut);
		expect(world.device("microphone")).toBe("off");
		world.call.press("microphone");
		await world.settle();
		expect(world.device("microphone")).toBe("on");
		expect(world.acts.slice(-2)).toEqual(["permit microphone on", "start microphone"]);
	});

	test("a permission taken back is said so where the server ended the track first", async () => {
		for (const source of ["camera", "microphone"] as const) {
			world.call.press(source);
			await world.call.answer(source, true);
			world.media.end(source);
			expect(world.device(source)).toBe("off");
			world.call.applyPermits({ camera: false, microphone: false, screen: false });
			expect(world.call.view.get().notice).toEqual({ kind: "withdrawn", source });
		}
	});

	test("a permit granted elsewhere turns nothing on", async () => {
		world.call.applyPermits({ camera: true, microphone: true, screen: true });
		await world.settle();
		expect(world.acts).toEqual([]);
		world.call.press("camera");
		expect(world.device("camera")).toBe("asking");
	});

	test("being muted by the host is said", async () => {
		world.call.press("microphone");
		await world.call.answer("microphone", true);
		world.media.end("microphone");
		expect(world.device("microphone")).toBe("off");
		expect(world.call.view.get().notice).toEqual({ kind: "muted", source: "microphone" });
	});

	test("a device that went away is told from one that a host stopped", async () => {
		world.call.press("camera");
		await world.call.answer("camera", true);
		world.media.hasFailed = true;
		world.media.end("camera");
		expect(world.call.view.get().notice).toEqual({ kind: "gone", source: "camera" });
	});

	test("another device in the place of one that went away is said; one's own choice is not", async () => {
		world.call.press("microphone");
		await world.call.answer("microphone", true);
		await world.call.choose("microphone", "desk");
		expect(world.call.view.get().notice).toBeNull();
		world.media.devices.microphone = "built in";
		world.media.change();
		expect(world.call.view.get().notice).toEqual({ kind: "moved", source: "microphone", to: "built in" });
	});

	test("a right that is taken away ends the track; given back it switches nothing on", async () => {
		world.call.press("microphone");
		await world.call.answer("microphone", true);
		const rights = { microphone: true, camera: true, screen: true, chat: true };
		world.call.applyRights(rights);
		world.call.applyRights({ ...rights, microphone: false });
		await world.settle();
		expect(world.acts.at(-1)).toBe("stop microphone");
		expect(world.call.view.get().notice).toEqual({ kind: "held", source: "microphone" });
		world.call.press("microphone");
		await world.settle();
		expect(world.device("microphone")).toBe("off");
		world.call.applyRights(rights);
		await world.settle();
		expect(world.device("microphone")).toBe("off");
		expect(world.call.view.get().notice).toEqual({ kind: "given", source: "microphone" });
	});

	test("what one comes in with is no news", () => {
		world.call.applyRights({ microphone: false, camera: false, screen: false, chat: false });
		expect(world.call.view.get().notice).toBeNull();
		world.call.press("microphone");
		expect(world.call.view.get().notice).toEqual({ kind: "held", source: "microphone" });
	});

	test("a host's wish switches nothing on, and after a no it is not shown again", async () => {
		world.call.invite("microphone");
		expect(world.call.view.get().invited).toBe("microphone");
		expect(world.acts).toEqual([]);
		await world.call.answerInvitation(false);
		world.call.invite("microphone");
		expect(world.call.view.get().invited).toBeNull();
		expect(world.acts).toEqual([]);
	});

	test("a yes to a host's wish is a press", async () => {
		world.call.invite("camera");
		await world.call.answerInvitation(true);
		expect(world.acts).toEqual(["permit camera on", "start camera"]);
		world.call.invite("camera");
		expect(world.call.view.get().invited).toBeNull();
	});

	test("who speaks changes nothing of the view, so that nothing else is drawn again", () => {
		const before = world.call.view.get();
		world.media.speakers = ["maya", "you"];
		world.media.speak();
		expect([...world.call.speaking.get()]).toEqual(["maya", "you"]);
		world.media.change();
		expect(world.call.view.get().peers).toBe(before.peers);
	});

	test("a filter that this browser cannot run is off, and that is said", async () => {
		world.media.canFilter = false;
		await world.call.quieten(true);
		expect(world.call.view.get().isQuiet).toBe(false);
		expect(world.call.view.get().notice).toEqual({ kind: "noisy" });
	});

	test("a reaction is seen by oneself too, and sent only with the right to it", () => {
		world.call.react("👏");
		expect(world.acts).toEqual(["react 👏"]);
		expect(world.call.reactions.get()).toMatchObject([{ identity: "you", emoji: "👏" }]);
		world.call.applyRights({ microphone: true, camera: true, screen: true, chat: false });
		world.call.react("👏");
		expect(world.acts).toHaveLength(1);
	});

	test("a full server is told apart from a line that broke, for as long as it is full", async () => {
		const { call, media } = world;
		const connect = () => call.connect({ url: "ws://x", token: "t" }).catch(() => {});
		const said = () => [call.view.get().connection, call.view.get().isFull];
		media.connectFails = new ServerFullError();
		await connect();
		expect(said()).toEqual(["lost", true]);
		media.connectFails = new Error("no way");
		await connect();
		expect(said()).toEqual(["lost", false]);
		media.connectFails = new ServerFullError();
		await connect();
		media.connectFails = null;
		const done = connect();
		expect(said()).toEqual(["connecting", true]);
		await done;
		expect(said()).toEqual(["connected", false]);
	});

	test("after the line was lost, what was on goes on, and a screen waits for a new press", async () => {
		for (const source of ["microphone", "screen"] as const) {
			world.call.press(source);
			await world.call.answer(source, true);
		}
		world.media.state = "lost";
		for (const source of ["microphone", "screen"] as const) world.media.end(source);
		await world.call.connect({ url: "ws://x", token: "t" });
		expect(world.call.view.get().devices.microphone.kind).toBe("on");
		expect(world.call.view.get().devices.screen.kind).toBe("off");
		expect(world.call.view.get().notice).toBeNull();
	});

	test("a broken line does not count as one's own track ending", async () => {
		world.call.press("microphone");
		await world.call.answer("microphone", true);
		world.media.state = "reconnecting";
		world.media.end("microphone");
		expect(world.device("microphone")).toBe("on");
		expect(world.call.view.get().connection).toBe("reconnecting");
	});

	test("leaving turns everything off", async () => {
		world.call.press("camera");
		await world.call.answer("camera", true);
		await world.call.leave();
		expect(world.acts.at(-1)).toBe("leave");
		expect(world.device("camera")).toBe("off");
	});
});
