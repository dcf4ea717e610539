import type { BackgroundOptions } from "@livekit/track-processors";
import { BackgroundTransformer, ProcessorWrapper } from "@livekit/track-processors";
import { BlurError, type BlurLevel, type Blurred } from "@/call/blur/level";
import modelAssetPath from "@/call/blur/selfie_segmentation_landscape.tflite?url";

/**
 * Blurs what is behind a person, in this page, with a model and a runtime from our own address.
 *
 * Invariant: no picture leaves it that is not blurred. The library lets pictures through as they are when it begins,
 * when it ends and when the model fails; here they are dropped, and a track counts as begun with its first blurred one.
 */
export type Strength = Exclude<BlurLevel, "off">;

const radius: Record<Strength, number> = { slight: 10, strong: 30 };
const mostPicturesASecond = 24;
const firstPictureWithinMs = 10_000;
const mostLost = 60;

type Frames = Parameters<BackgroundTransformer["transform"]>[1];

class OnlyBlurred extends BackgroundTransformer {
	override isFirstFrame = false;
	private onPicture = () => {};
	private lost = 0;

	constructor(
		options: BackgroundOptions,
		private readonly onFail: () => void,
	) {
		super(options);
	}

	firstPicture(): Promise<void> {
		return new Promise((resolve) => {
			this.onPicture = resolve;
		});
	}

	override async transform(frame: VideoFrame, out: Frames) {
		this.segmentationResults = undefined;
		let isShown = false;
		const enqueue = (picture: VideoFrame) => {
			if (picture === frame || !this.segmentationResults?.categoryMask) return picture.close();
			isShown = true;
			out.enqueue(picture);
			this.onPicture();
		};
		await super.transform(frame, { enqueue } as Frames);
		this.lost = isShown ? 0 : this.lost + 1;
		if (this.lost === mostLost) this.onFail();
	}
}

type Options = Parameters<ProcessorWrapper<BackgroundOptions>["init"]>[0];

export class BackgroundBlur extends ProcessorWrapper<BackgroundOptions, OnlyBlurred> {
	/** `onFail`: no picture comes any more. */
	constructor(
		strength: Strength,
		private readonly onFail: () => void = () => {},
	) {
		const assetPaths = { tasksVisionFileSet: import.meta.env.VISION_RUNTIME, modelAssetPath };
		const transformer = new OnlyBlurred({ blurRadius: radius[strength], assetPaths }, onFail);
		super(transformer, "background-blur", { maxFps: mostPicturesASecond });
	}

	override async init(options: Options) {
		const { element, track } = options;
		try {
			if (!BackgroundTransformer.isSupported || !ProcessorWrapper.isSupported)
				throw new BlurError("not in this browser");
			// Where frames are read from an element it has to play, and the library begins that later.
			if (element) {
				element.srcObject = new MediaStream([track]);
				element.muted = true;
				void element.play();
			}
			const began = this.transformer.firstPicture();
			await super.init(options);
			await Promise.race([began, tooLate()]);
		} catch (cause) {
			track.stop();
			await this.destroy();
			this.onFail();
			throw new BlurError("the background could not be blurred", { cause });
		}
	}
}

const tooLate = () =>
	new Promise<never>((_, reject) =>
		setTimeout(() => reject(new BlurError("no picture came")), firstPictureWithinMs),
	);

/** A camera's track with what is behind a person blurred; ends with `end`, the camera too. */
export async function blurTrack(track: MediaStreamTrack, strength: Strength): Promise<Blurred> {
	const blur = new BackgroundBlur(strength);
	await blur.init({ kind: "video", track, element: document.createElement("video") } as Options);
	if (!blur.processedTrack) throw new BlurError("there is no track");
	return {
		track: blur.processedTrack,
		async end() {
			track.stop();
			await blur.destroy();
		},
	};
}
