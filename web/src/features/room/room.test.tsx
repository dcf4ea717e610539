import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test } from "vitest";
import { show } from "@/app/test-app";
import { type Call, createCall } from "@/call/call";
import { AskCard } from "@/features/room/AskCard";
import { PeoplePanel } from "@/features/room/PeoplePanel";
import { useStore } from "@/lib/use-store";
import { createWorld, usual } from "../../../mock-api/world.ts";

afterEach(cleanup);

function LiveCard({ call }: { call: Call }) {
	return <AskCard call={call} devices={useStore(call.view).devices} />;
}

describe("the question at the first press", () => {
	const noMedia = () => Promise.reject(new Error("no media in this test"));
	function setUp() {
		const permitted: string[] = [];
		const call = createCall({
			openMedia: noMedia,
			permit: async (source, on) => {
				permitted.push(`${source} ${on}`);
				return { camera: false, microphone: false, screen: false, [source]: on };
			},
		});
		show(<LiveCard call={call} />);
		return { call, permitted };
	}

	test("has one sentence of why, takes the focus, and a no costs nothing", async () => {
		const { call, permitted } = setUp();
		expect(screen.queryByRole("alertdialog")).toBeNull();
		call.press("camera");
		const question = await screen.findByRole("alertdialog", { name: "Turn on your camera?" });
		expect(document.activeElement).toBe(question);
		expect(question.textContent).toContain("So that people in this meeting see you.");
		await userEvent.click(screen.getByRole("button", { name: "Not now" }));
		expect(screen.queryByRole("alertdialog")).toBeNull();
		expect(permitted).toEqual([]);
	});

	test("a yes is written first", async () => {
		const { call, permitted } = setUp();
		call.press("microphone");
		await userEvent.click(await screen.findByRole("button", { name: "Turn on microphone" }));
		expect(permitted[0]).toBe("microphone true");
	});
});

describe("the people panel", () => {
	test("lets in whoever knocks, at once", async () => {
		const people = createWorld({ ...usual }).people;
		const { asked } = show(<PeoplePanel code="qjm-wx4t-9kd" isHost people={people} peers={[]} />);
		expect(screen.getByRole("heading", { name: "2 at the door" })).toBeTruthy();
		await userEvent.click(screen.getByRole("button", { name: "Let in Ben" }));
		expect(asked).toContain("POST /api/meetings/qjm-wx4t-9kd/people/par_ben/admit");
	});

	test("shows nobody's door to who is no host", () => {
		const people = createWorld({ ...usual }).people;
		show(<PeoplePanel code="qjm-wx4t-9kd" isHost={false} people={people} peers={[]} />);
		expect(screen.queryByRole("button", { name: /Let in/ })).toBeNull();
		expect(screen.queryByRole("button", { name: /host controls/ })).toBeNull();
	});
});
