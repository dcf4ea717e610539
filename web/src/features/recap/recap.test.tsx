import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { show } from "@/app/test-app";
import { inOrder, lastedOf, minutesOf } from "@/features/recap/model";
import { Recap } from "@/features/recap/Recap";

afterEach(cleanup);

const now = new Date("2026-11-24T12:00:00Z");
const at = (minute: number) => new Date(now.getTime() - minute * 60_000).toISOString();

test("what goes on is measured up to now, and nothing lasts no time", () => {
	expect(minutesOf({ from: at(44), until: null }, now)).toBe(44);
	expect(minutesOf({ from: at(44), until: at(44) }, now)).toBe(1);
	expect(
		lastedOf(
			[
				{ started_at: at(100), ended_at: at(70) },
				{ started_at: at(20), ended_at: null },
			],
			now,
		),
	).toBe(50);
});

test("the host comes first, then who came first, and a former participant last", () => {
	const person = (name: string | null, came: number, role: "host" | "attendee" = "attendee") => ({
		name,
		role,
		is_you: false,
		came_at: at(came),
		left_at: null,
	});
	const order = inOrder([person(null, 9), person("B", 3), person("A", 5), person("H", 1, "host")]);
	expect(order.map(({ name }) => name)).toEqual(["H", "A", "B", null]);
});

const recap = (code: string) => <Recap code={code} chat={() => <p>the chat</p>} />;

test("the recap says who was there, each time, and what is kept until when", async () => {
	show(recap("tme-42xv-nra"));
	expect(await screen.findByText("4 people were there")).toBeTruthy();
	expect(screen.getByText("Lin Wei (you)")).toBeTruthy();
	expect(screen.getByRole("heading", { name: "Each time" })).toBeTruthy();
	expect(screen.getByText(/^Until .*, seen by people in this meeting/)).toBeTruthy();
});

test("where attendance is not kept there is a number and no name", async () => {
	const { world } = show(<p>first</p>);
	cleanup();
	world.meetings = world.meetings.map((each) => ({
		...each,
		policy: { ...each.policy, attendance: "not_kept" },
	}));
	show(recap("tme-42xv-nra"), {}, world);
	expect(await screen.findByText("4 people were there")).toBeTruthy();
	expect(screen.queryByText(/Lin Wei/)).toBeNull();
	expect(screen.getByText(/Who it was is not kept/)).toBeTruthy();
});

test("whoever takes themselves out is asked once, and is no longer in it", async () => {
	const { world } = show(recap("tme-42xv-nra"));
	await userEvent.click(await screen.findByRole("button", { name: "Take me out of this" }));
	expect(world.takenOut.size).toBe(0);
	await userEvent.click(await screen.findByRole("button", { name: "Take me out" }));
	await screen.findByText(/nothing here carries your name/);
	await waitFor(() => expect(screen.queryByText(/\(you\)/)).toBeNull());
	expect([...world.takenOut]).toEqual(["tme-42xv-nra"]);
});
