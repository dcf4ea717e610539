/** What lies over the room, one at a time. */
export type Thing = "reactions" | "keys" | "devices" | "layout" | "hosting" | "data" | "erase" | "end";
export type OpenThings = { open: Thing | null; toggle: (thing: Thing) => void; close: () => void };
