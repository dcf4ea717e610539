import { describe, expect, test } from "vitest";
import type { Meeting } from "@/api/types";
import { daysBetween, formatOf } from "@/lib/format";
import { languageOf } from "@/lib/i18n";
import { parseMeetingCode } from "@/lib/meeting-code";
import { meetingsAt, placeOf } from "@/lib/meeting-order";
import { verdictOf } from "@/lib/password";
import { colourOf, initialsOf } from "@/lib/people";
import { isWorthRetrying, problemOf } from "@/lib/problem";
import { plainMeeting } from "../../mock-api/world.ts";

const origin = "https://kloud.example";

describe("a meeting's code", () => {
	test("is found in what people paste", () => {
		for (const text of [
			"qjm-wx4t-9kd",
			" QJM-WX4T-9KD ",
			"qjmwx4t9kd",
			"https://kloud.example/m/qjm-wx4t-9kd?x=1",
			"kloud.example/m/qjm-wx4t-9kd",
		]) {
			expect(parseMeetingCode(text, origin)).toBe("qjm-wx4t-9kd");
		}
	});

	test("is not found in what leads elsewhere", () => {
		for (const text of [
			"",
			"hello",
			"https://other.example/m/qjm-wx4t-9kd",
			"https://kloud.example/meetings",
			"qjm-wx4t-9kd-1",
		]) {
			expect(parseMeetingCode(text, origin)).toBeNull();
		}
	});
});

describe("formats", () => {
	const en = formatOf("en", "Europe/Berlin");
	const zh = formatOf("zh-CN", "Europe/Berlin");
	const at = "2026-11-24T10:05:00Z";

	test("follow the language and the time zone", () => {
		expect(en.time(at)).toBe("11:05");
		expect(en.day(at)).toBe("24 November 2026");
		expect(zh.day(at)).toBe("2026年11月24日");
		expect(en.list(["Maya", "陈曦", "Omar"])).toBe("Maya, 陈曦 and Omar");
		expect(zh.list(["Maya", "陈曦"])).toBe("Maya和陈曦");
	});

	test("say how long ago, and how large", () => {
		const now = new Date(at);
		expect(en.ago("2026-11-24T10:04:40Z", now)).toBe("this minute");
		expect(en.ago("2026-11-24T05:05:00Z", now)).toBe("5 hours ago");
		expect(en.ago("2026-11-01T05:05:00Z", now)).toBe("1 November 2026");
		expect(en.bytes(1_840_000)).toBe("1.8 MB");
		expect(en.bytes(0)).toBe("0 byte");
		expect(en.countdown(75)).toBe("1:15");
	});
});

describe("a password's verdict", () => {
	const good = { score: 4, acceptable: true, reason: null, length: 17 };

	test("counts what is missing before it asks anybody", () => {
		expect(verdictOf("", undefined)).toEqual({ kind: "empty" });
		expect(verdictOf("abc", good)).toEqual({ kind: "too-short", missing: 12 });
		expect(verdictOf("字".repeat(14), undefined)).toEqual({ kind: "too-short", missing: 1 });
	});

	test("then says what the server says", () => {
		const long = "a long enough one";
		expect(verdictOf(long, undefined)).toEqual({ kind: "waiting", length: 17 });
		expect(verdictOf(long, good)).toEqual({ kind: "good", length: 17 });
		expect(verdictOf(long, { ...good, acceptable: false, reason: "contains_you" })).toEqual({
			kind: "refused",
			reason: "contains_you",
		});
	});
});

describe("people", () => {
	test("have initials in any script", () => {
		expect(initialsOf("Maya Köhler")).toBe("MK");
		expect(initialsOf("ben")).toBe("B");
		expect(initialsOf("陈曦")).toBe("陈");
		expect(initialsOf(null)).toBe("–");
	});

	test("keep their colour", () => {
		expect(colourOf("Maya Köhler")).toBe(colourOf("Maya Köhler"));
	});
});

test("any failure is a problem that can be worded", () => {
	expect(problemOf({ code: "not_found", status: 404, params: {} }).code).toBe("not_found");
	expect(problemOf(new TypeError("Failed to fetch")).code).toBe("unreachable");
	expect(problemOf("").code).toBe("internal");
	expect(isWorthRetrying({ code: "invalid", status: 422, params: {} })).toBe(false);
	expect(isWorthRetrying(new TypeError("Failed to fetch"))).toBe(true);
});

test("the browser's languages choose ours", () => {
	expect(languageOf(["de-DE", "zh-Hans-CN", "en"])).toBe("zh-CN");
	expect(languageOf(["fr", "en-GB"])).toBe("en");
	expect(languageOf(["ja"])).toBe("en");
});

describe("a meeting's place on a list", () => {
	const now = new Date("2026-11-24T12:00:00Z");
	const meeting = (part: Partial<Meeting>): Meeting => ({
		...plainMeeting("abc-wait-2nd", "2026-11-20T10:00:00Z"),
		...part,
	});
	const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();

	test("follows from what goes on, what is planned, and what was", () => {
		const place = (part: Partial<Meeting>) => placeOf(meeting(part), now);
		expect(place({ state: "live", starts_at: at(90) })).toBe("now");
		expect(place({ starts_at: at(10), duration_minutes: 45 })).toBe("next");
		// It should go on, and nobody has come yet.
		expect(place({ starts_at: at(-10), duration_minutes: 45 })).toBe("next");
		expect(place({ starts_at: at(-60), duration_minutes: 45 })).toBe("before");
		expect(place({})).toBe("whenever");
		expect(place({ has_recap: true, started_at: at(-900) })).toBe("before");
		expect(place({ state: "ended", starts_at: at(90) })).toBe("before");
	});

	test("is in the order in which one looks for it", () => {
		const later = meeting({ code: "l", starts_at: at(90), duration_minutes: 5 });
		const soon = meeting({ code: "s", starts_at: at(9), duration_minutes: 5 });
		const old = meeting({ code: "o", state: "ended", started_at: at(-900) });
		const last = meeting({ code: "t", state: "ended", started_at: at(-90) });
		const codes = (place: "next" | "before") =>
			meetingsAt(place, [later, old, soon, last], now).map(({ code }) => code);
		expect(codes("next")).toEqual(["s", "l"]);
		expect(codes("before")).toEqual(["t", "o"]);
	});
});

test("days are told as the zone counts them", () => {
	const late = new Date("2026-11-24T22:30:00Z");
	expect(daysBetween(late, new Date("2026-11-25T01:00:00Z"), "UTC")).toBe(1);
	expect(daysBetween(late, new Date("2026-11-25T01:00:00Z"), "Asia/Shanghai")).toBe(0);
	const en = formatOf("en", "UTC");
	expect(en.relativeDay("2026-11-25T01:00:00Z", late)).toBe("tomorrow");
	expect(en.nearDay("2026-11-27T01:00:00Z", late)).toBe("27 Nov");
	expect([en.minutes(45), en.minutes(120), en.minutes(75)]).toEqual(["45 min", "2 hr", "1 hr 15 min"]);
});
