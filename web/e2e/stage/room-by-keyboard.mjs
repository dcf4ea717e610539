/** The room's part of the journey by keyboard: every control of the dock, the panel, the stage, and the keys. */
import assert from "node:assert/strict";
import { button } from "./people.mjs";

const dockOrder = [
	/^Turn o(n|ff) microphone/,
	/^Sound settings$/,
	/^Turn o(n|ff) camera/,
	/^Camera settings$/,
	/^Share screen/,
	/^Raise hand$/,
	/^React$/,
	/^Chat/,
	/^People/,
	/^More$/,
	/^Leave$/,
];

/** The focus is somewhere, once what was open is gone, and can be seen there by a ring. */
async function standsOn({ page, hands }, name) {
	await page.waitForFunction(
		(wanted) => {
			const { activeElement } = document;
			const said = activeElement?.getAttribute("aria-label") ?? activeElement?.textContent ?? "";
			return activeElement !== document.body && new RegExp(wanted).test(said.trim());
		},
		name.source,
		{ timeout: 10_000 },
	);
	const hasRing = await page.evaluate(() =>
		window.partsOf(document.activeElement).some((part) => window.ringOf(part) !== "none"),
	);
	assert.ok(hasRing, `no ring around ${await hands.where()}`);
}

export async function walkRoom({ step, host, guest }) {
	const { page, hands } = host;
	const isGone = (locator) => locator.waitFor({ state: "detached" });
	const dialog = (name) => page.getByRole("dialog", { name, exact: true });
	const more = button(page, "More");

	const stands = (name) => standsOn(host, name);
	const isIn = (locator) =>
		locator
			.locator(":focus")
			.or(locator.and(page.locator(":focus")))
			.first()
			.waitFor({ state: "attached" });

	async function choose(menu, item) {
		await hands.press(menu);
		await page.getByRole("menu").waitFor();
		await hands.to(page.getByRole("menuitem", { name: item, exact: true }), "ArrowDown");
		await page.keyboard.press("Enter");
		await isGone(page.getByRole("menu"));
	}

	await step("the dock is walked in its order, and the focus seen at each control", async () => {
		await hands.to(button(page, /^Turn o(n|ff) microphone/).first());
		for (const name of dockOrder) {
			await stands(name);
			await hands.move("Tab");
		}
	});

	await step("what a control opens closes by Escape, and the focus is back on it", async () => {
		for (const [name, opened] of [
			["Sound settings", dialog("Sound settings")],
			["Camera settings", dialog("Camera settings")],
			["React", page.getByRole("region", { name: "Reactions" })],
			["More", page.getByRole("menu", { name: "More" })],
		]) {
			await hands.press(button(page, name));
			await opened.waitFor();
			await isIn(opened);
			await page.keyboard.press("Escape");
			await isGone(opened);
			await stands(new RegExp(`^${name}$`));
		}
	});

	await step("what More opens gives the focus back to More", async () => {
		for (const [item, name] of [
			["Layout", "Layout"],
			["Host controls", "Host controls"],
			["Sound and camera", "Sound and camera"],
			["Keys", "Keys in the room"],
		]) {
			await choose(more, item);
			await dialog(name).waitFor();
			await page.keyboard.press("Escape");
			await isGone(dialog(name));
			await stands(/^More$/);
		}
	});

	await step("the keys of the room do what the list under ? says, and go back where one was", async () => {
		await page.keyboard.press("?");
		await dialog("Keys in the room").waitFor();
		await page.keyboard.press("Escape");
		await stands(/^More$/);
		await page.keyboard.press("h");
		await button(page, "Lower hand").waitFor();
		await page.keyboard.press("h");
		await button(page, "Raise hand").waitFor();
		await page.keyboard.press("l");
		await page.getByText("Layout: Grid").waitFor();
		await stands(/^More$/);
		await page.keyboard.press("r");
		await stands(/^Thumbs up$/);
		await page.keyboard.press("Enter");
		await guest.page.getByText(/: 👍/).first().waitFor();
		await page.keyboard.press("r");
		await stands(/^React$/);
	});

	await step("a tile's menu pins and lets go, and the focus stays at the tile", async () => {
		const tile = /^Omar: what you can do$/;
		await choose(button(page, tile), "Pin: keep large for me");
		await stands(tile);
		await page.locator("[data-layout=pinned]").waitFor();
		await choose(button(page, tile), "Unpin");
		await stands(tile);
	});

	await step("people: a host's acts by the list, and back to the dock", async () => {
		await page.keyboard.press("p");
		const panel = page.getByRole("complementary", { name: "People" });
		await panel.waitFor();
		await isIn(panel);
		await choose(panel.getByRole("button", { name: "Omar: host controls" }), "Mute");
		await stands(/^Omar: host controls$/);
		await button(guest.page, "Turn on microphone").first().waitFor();
		await page.keyboard.press("Escape");
		await isGone(panel);
		await stands(/^People/);
	});

	await step("letters in a message are letters, and one is edited and deleted", async () => {
		await page.keyboard.press("c");
		const field = page.getByRole("textbox", { name: "Message everyone here" });
		await stands(/^Message everyone here$/);
		await page.keyboard.type("mvhsrcplf?");
		assert.equal(await field.inputValue(), "mvhsrcplf?");
		assert.equal(await page.getByRole("dialog").count(), 0);
		await button(page, "Raise hand").waitFor();
		await page.keyboard.press("Enter");
		await page.getByRole("log").getByText("mvhsrcplf?").waitFor();
		await page.keyboard.press("ArrowUp");
		await page.getByText("You edit a message").waitFor();
		await page.keyboard.press("End");
		await page.keyboard.type(" edited by keys");
		await page.keyboard.press("Enter");
		await guest.page.getByText("edited by keys").first().waitFor();
		await stands(/^Message everyone here$/);
		const about = page.getByRole("listitem").filter({ hasText: "edited by keys" });
		await hands.to(about.getByRole("button", { name: "More about this message" }), "Shift+Tab");
		await page.keyboard.press("Enter");
		await hands.to(page.getByRole("menuitem", { name: "Delete", exact: true }), "ArrowDown");
		await page.keyboard.press("Enter");
		await hands.press(button(page, "Delete for everyone"));
		await isGone(page.getByRole("alertdialog"));
		await stands(/^Message everyone here$/);
		await isGone(guest.page.getByText("edited by keys").first());
		await page.keyboard.press("Escape");
		await stands(/^Chat/);
	});
}

/** After the meeting: the recap, and one's own part taken out of it. */
export async function walkRecap({ step, host }) {
	const { page, hands } = host;
	await step("the recap is reached, and one's own part taken out of it", async () => {
		await hands.press(page.getByRole("link", { name: /^Recap of/ }).first());
		await page.getByRole("heading", { level: 2 }).first().waitFor();
		await hands.press(button(page, "Take me out of this"));
		const question = page.getByRole("alertdialog");
		await question.waitFor();
		await page.keyboard.press("Escape");
		await question.waitFor({ state: "detached" });
		await standsOn(host, /^Take me out of this$/);
		await page.keyboard.press("Enter");
		await hands.press(question.getByRole("button", { name: "Take me out", exact: true }));
		await page.getByText(/nothing here carries/).waitFor();
		// The button is gone, so the page itself has the focus.
		await page.waitForFunction(() => document.activeElement?.id === "main");
		await hands.press(page.getByRole("link", { name: "Home", exact: true }));
		await button(page, "New meeting").waitFor();
	});
}
