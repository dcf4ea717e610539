interface ImportMetaEnv {
	/** Where the runtime of the background blur lies; see scripts/vision-runtime.ts. */
	readonly VISION_RUNTIME: string;
}
