import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { show } from "@/app/test-app";
import { Permissions } from "@/features/me/Permissions";
import { TakeCopy } from "@/features/me/TakeCopy";

afterEach(cleanup);

test("a permission says its effect before it is pressed, and is turned off by one press", async () => {
	const { world } = show(<Permissions />);
	const microphone = await screen.findByRole("switch", { name: "Microphone" });
	const effect = document.getElementById(microphone.getAttribute("aria-describedby") ?? "");
	expect(effect?.textContent).toContain("Heard only in meetings you are in");
	const sent = vi.spyOn(globalThis, "fetch");
	await userEvent.click(microphone);
	expect(world.permissions.find((each) => each.class === "microphone")?.state).toBe("off");
	const no = sent.mock.calls.map(([request]) => request as Request).find(({ method }) => method === "PUT");
	expect(no?.keepalive, "it outlives its page").toBe(true);
});

test("what nothing asks for yet has no switch", async () => {
	show(<Permissions />);
	await screen.findByRole("switch", { name: "Microphone" });
	expect(screen.queryByRole("switch", { name: "Location" })).toBeNull();
});

test("a copy asks for the password only when the server wants it, then goes on by itself", async () => {
	const { asked } = show(<TakeCopy label="Take a copy" />);
	await userEvent.click(screen.getByRole("button", { name: "Take a copy" }));
	await userEvent.type(await screen.findByLabelText("Password"), "correct horse battery");
	await userEvent.click(screen.getByRole("button", { name: "It is me" }));
	await screen.findByRole("button", { name: "Download" }, { timeout: 4000 });
	expect(asked.filter((each) => each === "POST /api/me/exports")).toHaveLength(2);
});
