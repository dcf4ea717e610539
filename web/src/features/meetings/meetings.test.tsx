import { Time } from "@internationalized/date";
import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { show } from "@/app/test-app";
import { MeetingKeeps } from "@/features/meetings/MeetingKeeps";
import { MeetingSettings } from "@/features/meetings/MeetingSettings";
import { ScheduleDialog } from "@/features/meetings/ScheduleDialog";
import { firstPlan, isPast, planOf, startOf, zonesOf } from "@/features/meetings/schedule";
import { plainMeeting } from "../../../mock-api/world.ts";

afterEach(cleanup);

const meeting = { ...plainMeeting("abc-wait-2nd", "2026-11-24T10:00:00Z"), title: "1:1" };

test("a plan is the moment that its zone's clock shows, in summer and in winter", () => {
	const zone = "Europe/Berlin";
	const at = (starts_at: string) => planOf({ starts_at, duration_minutes: 45, zone }, new Date());
	const winter = at("2026-11-24T13:00:00.000Z");
	expect([winter.time.toString(), startOf(winter)]).toEqual(["14:00:00", "2026-11-24T13:00:00.000Z"]);
	const summer = { ...winter, day: winter.day.set({ month: 7 }) };
	expect(startOf(summer)).toBe("2026-07-24T12:00:00.000Z");
	// In the night of 29 March the clock goes from 2 to 3.
	const skipped = { ...winter, day: winter.day.set({ month: 3, day: 29 }), time: new Time(2, 30) };
	expect(startOf(skipped)).toBe("2026-03-29T01:30:00.000Z");
	expect(startOf({ ...winter, zone: "Asia/Shanghai" })).toBe("2026-11-24T06:00:00.000Z");
});

test("the first offer is a half hour that is not at once, and a past one is known", () => {
	const now = new Date("2026-11-24T10:20:00Z");
	const plan = firstPlan(now, "UTC");
	expect(startOf(plan)).toBe("2026-11-24T11:00:00.000Z");
	expect(isPast(plan, now)).toBe(false);
	expect(isPast(plan, new Date("2026-11-24T11:30:00Z"))).toBe(true);
});

test("zones are found by city and by the name of their time", () => {
	const now = new Date("2026-11-24T10:00:00Z");
	expect(zonesOf("en", now).find(({ id }) => id === "America/New_York")?.name).toBe(
		"America/New York · GMT-5",
	);
	expect(zonesOf("zh-CN", now).find(({ id }) => id === "Asia/Shanghai")?.name).toContain("中国");
});

test("what is planned is sent as a moment with its length and zone", async () => {
	const done = vi.fn();
	const { world } = show(<ScheduleDialog onClose={() => {}} onDone={done} />);
	await userEvent.type(screen.getByRole("textbox", { name: /Title/ }), "Partner day");
	await userEvent.click(screen.getByRole("button", { name: "Plan it" }));
	await waitFor(() => expect(done).toHaveBeenCalledOnce());
	const made = world.meetings[0];
	expect(made).toMatchObject({ title: "Partner day", duration_minutes: 45 });
	expect(made?.zone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
	expect(Date.parse(made?.starts_at ?? "")).toBeGreaterThan(Date.now());
});

test("what attendees may is changed at once", async () => {
	const { world } = show(<MeetingSettings meeting={{ ...meeting, code: "abc-wait-2nd" }} isHost />);
	await userEvent.click(screen.getByRole("switch", { name: "Share their screen" }));
	await waitFor(() => {
		const changed = world.meetings.find(({ code }) => code === "abc-wait-2nd");
		expect(changed?.attendees_may).toEqual({ microphone: true, camera: true, screen: false, chat: true });
	});
});

test("only the host sets what is kept", () => {
	show(<MeetingKeeps meeting={meeting} isHost={false} />);
	expect(screen.getByText("Kept 90 days, seen by people in this meeting")).toBeTruthy();
	expect(screen.queryByRole("switch")).toBeNull();
});
