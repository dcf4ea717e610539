import { i18n } from "@lingui/core";

// jsdom measures nothing; what asks how large it is gets no answer and draws its first guess.
globalThis.ResizeObserver ??= class {
	observe() {}
	unobserve() {}
	disconnect() {}
};

globalThis.CSS ??= { escape: (text: string) => text } as typeof CSS;

i18n.loadAndActivate({ locale: "en", messages: {} });
