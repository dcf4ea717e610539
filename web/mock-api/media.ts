import type { MediaPort, MediaState, OpenMedia, Peer, Picture, Source } from "../src/call/types.ts";

/** Stands in for the media where no server is: drawn people, and one's own real devices. */
type Look = { wall: [string, string]; hair: string; skin: string; shirt: string };

const framesASecond = { still: 2, moving: 15 };
type Pace = keyof typeof framesASecond;

const looks: Record<string, Look> = {
	maya: { wall: ["#3b4a52", "#232c31"], hair: "#3b2a22", skin: "#d9a78a", shirt: "#7d9c8e" },
	chen: { wall: ["#4c4436", "#2a261f"], hair: "#191512", skin: "#e6bb9a", shirt: "#c7b27c" },
	omar: { wall: ["#2e4240", "#1a2625"], hair: "#14100d", skin: "#a9744f", shirt: "#45556d" },
};

/** Nobody sits in the middle of their picture, nor do two wear the same. */
function lookAt(at: number): Look {
	const all = Object.values(looks);
	const pick = (by: number) => all[(at * by + by) % all.length] ?? all[0];
	const [one, two, three] = [pick(1), pick(2), pick(5)];
	if (!one || !two || !three) throw new Error("nobody is drawn");
	return { wall: one.wall, hair: two.hair, skin: three.skin, shirt: two.shirt };
}

function draw({ wall, hair, skin, shirt }: Look, pace: Pace): MediaStream {
	const canvas = document.createElement("canvas");
	canvas.width = 640;
	canvas.height = 400;
	const pen = canvas.getContext("2d");
	const stream = canvas.captureStream(framesASecond[pace]);
	const paint = () => {
		if (!pen) return;
		const lean = pace === "moving" ? 40 * Math.sin(performance.now() / 700) : 0;
		const light = pen.createLinearGradient(0, 0, 640, 400);
		light.addColorStop(0, wall[0]);
		light.addColorStop(1, wall[1]);
		pen.fillStyle = light;
		pen.fillRect(0, 0, 640, 400);
		const shape = (colour: string, x: number, y: number, width: number, height: number) => {
			pen.fillStyle = colour;
			pen.beginPath();
			pen.ellipse(x + lean, y, width, height, 0, 0, 2 * Math.PI);
			pen.fill();
		};
		shape(shirt, 320, 420, 200, 140);
		pen.fillStyle = skin;
		pen.fillRect(282 + lean, 240, 76, 70);
		shape(hair, 320, 165, 96, 104);
		shape(skin, 320, 195, 82, 92);
		shape(hair, 320, 112, 84, 44);
	};
	paint();
	setInterval(paint, 1000 / framesASecond[pace]);
	return stream;
}

function slide(): MediaStream {
	const canvas = document.createElement("canvas");
	canvas.width = 1280;
	canvas.height = 760;
	const pen = canvas.getContext("2d");
	const stream = canvas.captureStream(2);
	const paint = () => {
		if (!pen) return;
		pen.fillStyle = "#f5f5f0";
		pen.fillRect(0, 0, 1280, 760);
		pen.fillStyle = "#0a7568";
		pen.font = "600 24px sans-serif";
		pen.fillText("8 / 24", 180, 300);
		pen.fillRect(180, 470, 360, 8);
		pen.fillStyle = "#1d2422";
		pen.font = "600 44px sans-serif";
		pen.fillText("The home page leads with what now,", 180, 370);
		pen.fillText("not with a feed.", 180, 424);
	};
	paint();
	setInterval(paint, 500);
	return stream;
}

function pictureOf(id: string, stream: MediaStream): Picture {
	return {
		id,
		attach: (element) => {
			element.srcObject = stream;
		},
		detach: (element) => {
			element.srcObject = null;
		},
	};
}

export const openMedia: OpenMedia = async () => {
	const listeners = new Set<() => void>();
	const changed = () => {
		for (const listener of listeners) listener();
	};
	let state: MediaState = "idle";
	let react: (identity: string, emoji: string) => void = () => {};
	// What the others of a made-up meeting do is told to it from outside.
	addEventListener("mock-reaction", (event) => {
		const { identity, emoji } = (event as CustomEvent<{ identity: string; emoji: string }>).detail;
		react(identity, emoji);
	});
	let speakers: readonly string[] | null = null;
	const speakerListeners = new Set<() => void>();
	addEventListener("mock-speaking", (event) => {
		speakers = (event as CustomEvent<readonly string[]>).detail;
		for (const listener of speakerListeners) listener();
	});
	let others: Peer[] = [];
	const own = new Map<Source, MediaStream>();
	const pictures = new Map<Source, Picture>();

	const peer = (identity: string, more: Partial<Peer>): Peer => ({
		identity,
		name: null,
		isYou: false,
		isHeard: true,
		camera: null,
		screen: null,
		cameraWaits: false,
		screenWaits: false,
		quality: "good",
		...more,
	});
	const you = (): Peer =>
		peer("you", {
			isYou: true,
			isHeard: own.has("microphone"),
			camera: pictures.get("camera") ?? null,
			screen: pictures.get("screen") ?? null,
		});

	const port: MediaPort = {
		async connect(url) {
			const [, room = "", crowd = "4", pace = "still"] = url.split(":");
			const known = Object.keys(looks);
			const identities = [...known, ...Array.from({ length: 46 }, (_, at) => `more-${at}`)];
			const sharing = room === "screens" ? ["maya", "chen"] : room === "screen" ? ["maya"] : [];
			others = (room === "alone" ? [] : identities.slice(0, Number(crowd) - 1)).map((identity, at) => {
				const look = looks[identity] ?? (at % 3 === 0 ? lookAt(at / 3) : undefined);
				return peer(identity, {
					camera: look ? pictureOf(identity, draw(look, pace === "moving" ? pace : "still")) : null,
					isHeard: identity !== "omar" && at % 4 !== 3,
					cameraWaits: room === "thin" && look !== undefined && identity !== "maya",
					quality: identity === "chen" ? "poor" : "good",
					screen: sharing.includes(identity) ? pictureOf("slide", slide()) : null,
				});
			});
			state = room === "reconnecting" ? "reconnecting" : "connected";
			changed();
		},
		async move() {},
		async leave() {
			for (const stream of own.values()) for (const track of stream.getTracks()) track.stop();
			own.clear();
			pictures.clear();
			state = "idle";
		},
		async start(source) {
			const devices = navigator.mediaDevices;
			const stream =
				source === "screen"
					? await devices.getDisplayMedia()
					: await devices.getUserMedia(source === "camera" ? { video: true } : { audio: true });
			own.set(source, stream);
			if (source !== "microphone") pictures.set(source, pictureOf(source, stream));
			changed();
		},
		async stop(source) {
			for (const track of own.get(source)?.getTracks() ?? []) track.stop();
			own.delete(source);
			pictures.delete(source);
			changed();
		},
		state: () => state,
		peers: () => [...others, you()],
		speakers: () => speakers ?? others.slice(0, 1).map(({ identity }) => identity),
		inUse: (source) => {
			const track = own.get(source)?.getTracks()[0];
			return track ? { id: track.getSettings().deviceId ?? "", name: track.label } : null;
		},
		hasFailed: () => false,
		track: (source) => own.get(source)?.getTracks()[0] ?? null,
		choose: async (kind) => {
			if (kind !== "speaker" && own.has(kind)) await port.start(kind, null, "off");
		},
		quieten: async () => true,
		react: async () => {},
		onReaction(listener) {
			react = listener;
		},
		onSpeakers(listener) {
			listeners.add(listener);
			speakerListeners.add(listener);
		},
		isSoundBlocked: () => false,
		allowSound: async () => {},
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
	return port;
};
