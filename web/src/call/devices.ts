import type { DeviceKind } from "@/call/types";
import { createStore, type Store } from "@/lib/store";

/** Which devices there are, now and whenever one is plugged in or out. Names are told once one of them is on. */
export type DeviceChoice = { id: string; name: string };
export type DeviceLists = Record<DeviceKind, readonly DeviceChoice[]>;

export type DeviceWatch = {
	lists: Pick<Store<DeviceLists>, "get" | "subscribe">;
	look: () => Promise<void>;
};

const kinds: Record<MediaDeviceKind, DeviceKind> = {
	videoinput: "camera",
	audioinput: "microphone",
	audiooutput: "speaker",
};

type Devices = Pick<MediaDevices, "enumerateDevices" | "addEventListener">;

export function createDeviceWatch(devices: Devices | undefined): DeviceWatch {
	const lists = createStore<DeviceLists>({ camera: [], microphone: [], speaker: [] });
	async function look() {
		lists.set(listsOf((await devices?.enumerateDevices()) ?? []));
	}
	devices?.addEventListener("devicechange", () => void look());
	return { lists, look };
}

export function listsOf(found: readonly Pick<MediaDeviceInfo, "kind" | "deviceId" | "label">[]): DeviceLists {
	const lists: Record<DeviceKind, DeviceChoice[]> = { camera: [], microphone: [], speaker: [] };
	for (const { kind, deviceId, label } of found)
		if (deviceId && label) lists[kinds[kind]].push({ id: deviceId, name: label });
	return lists;
}
