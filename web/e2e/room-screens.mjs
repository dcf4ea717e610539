/** The room in every state that is looked at; the other screens are in `screens.mjs`. */
import { button, enter, openChat, out, room, settled, things, words } from "./stage/steps.mjs";

export const roomScreens = [
	{ name: "room", path: room, act: enter },
	{ name: "room-alone", path: room, scenario: { room: "alone" }, act: enter },
	...[2, 9, 25, 49].map((crowd) => ({ name: `room-${crowd}`, path: room, scenario: { crowd }, act: enter })),
	{
		name: "room-speaker",
		path: room,
		scenario: { crowd: 9 },
		act: async (all) => {
			await all.page.evaluate(() => localStorage.setItem("kloud.layout", "speaker"));
			await enter(all);
		},
	},
	{
		name: "room-sound-first",
		path: room,
		scenario: { crowd: 9 },
		act: async (all) => {
			await all.page.evaluate(() => localStorage.setItem("kloud.sound-first", "true"));
			await enter(all);
		},
	},
	{
		name: "room-busy",
		path: room,
		scenario: { crowd: 25 },
		act: async (all) => {
			await enter(all);
			await all.page.evaluate(() => {
				window.requestAnimationFrame = (run) => setTimeout(() => run(performance.now()), 100);
			});
			await all.page
				.getByRole("img", { name: /busy|繁忙/ })
				.first()
				.waitFor();
		},
	},
	{
		name: "room-pinned",
		path: room,
		scenario: { crowd: 9 },
		act: async (all) => {
			await enter(all);
			for (const identity of ["chen", "maya"]) {
				await all.page.locator(`[data-identity=${identity}]`).getByRole("button").click();
				await all.page.getByRole("menuitem").first().click();
				await all.page.getByRole("menu").waitFor({ state: "detached" });
			}
		},
	},
	{ name: "room-spotlight", path: room, scenario: { room: "spotlight", crowd: 9 }, act: enter },
	{ name: "room-screens", path: room, scenario: { room: "screens", crowd: 9 }, act: enter },
	{ name: "room-screen-alone", path: room, scenario: { room: "screen", crowd: 4 }, act: enter },
	{
		name: "room-side-by-side",
		path: room,
		scenario: { room: "screens", crowd: 5 },
		act: async (all) => {
			await enter(all);
			await button(all.page, /^(Side by side|并排)$/).click();
		},
	},
	{
		name: "room-reactions",
		path: room,
		act: async (all) => {
			await enter(all);
			await all.page.keyboard.press("r");
			await all.page.getByRole("region", { name: /Reactions|回应/ }).waitFor();
			await all.page.evaluate(() => {
				for (const [identity, emoji] of Object.entries({ maya: "👏", chen: "🎉", omar: "❤️" }))
					dispatchEvent(new CustomEvent("mock-reaction", { detail: { identity, emoji } }));
			});
			await all.page.getByText("👏").nth(1).waitFor();
		},
	},
	...[2, 9, 25].map((crowd) => ({
		name: `room-long-${crowd}`,
		path: room,
		scenario: { crowd, long: true },
		act: enter,
	})),
	{
		name: "room-long-people",
		path: room,
		scenario: { crowd: 25, long: true },
		act: async (all) => {
			await enter(all);
			await all.page.keyboard.press("p");
			await all.page.getByRole("complementary").waitFor();
		},
	},
	{
		name: "room-long-chat",
		path: room,
		scenario: { crowd: 9, long: true },
		act: async (all) => {
			await enter(all);
			await openChat(all);
		},
	},
	{
		name: "room-viewer",
		path: room,
		scenario: { role: "viewer", crowd: 9 },
		act: enter,
	},
	{
		name: "room-asked",
		path: room,
		scenario: { role: "attendee", news: "asked" },
		act: async (all) => {
			await enter(all);
			await all.page.getByRole("alertdialog").waitFor();
		},
	},
	{
		name: "room-policy",
		path: room,
		scenario: { role: "attendee", news: "policy" },
		act: async (all) => {
			await enter(all);
			await all.page.getByRole("alertdialog").waitFor();
		},
	},
	{
		name: "room-people",
		path: room,
		act: async (all) => {
			await enter(all);
			await all.page.keyboard.press("p");
			await all.page.getByRole("complementary").waitFor();
		},
	},
	{
		name: "room-person",
		path: room,
		act: async (all) => {
			await enter(all);
			await all.page.keyboard.press("p");
			const people = all.page.getByRole("complementary");
			await people.getByRole("button", { name: /^陈曦[:：]/ }).click();
			await all.page.getByRole("menu").waitFor();
		},
	},
	...["hosting", "devices", "layout"].map((thing) => ({
		name: `room-${thing}`,
		path: room,
		act: async (all) => {
			await enter(all);
			await button(all.page, words[all.language].more).click();
			await all.page.getByRole("menuitem", { name: things[all.language][thing] }).click();
			await all.page.getByRole("dialog").waitFor();
			await settled(all.page);
		},
	})),
	{
		name: "room-keys",
		path: room,
		act: async (all) => {
			await enter(all);
			await all.page.keyboard.press("?");
			await all.page.getByRole("dialog").waitFor();
		},
	},
	{
		name: "room-more",
		path: room,
		act: async (all) => {
			await enter(all);
			await button(all.page, words[all.language].more).click();
			await all.page.getByRole("menu").waitFor();
		},
	},
	{ name: "room-thin", path: room, scenario: { room: "thin", role: "attendee", crowd: 9 }, act: enter },
	{ name: "room-reconnecting", path: room, scenario: { room: "reconnecting", role: "attendee" }, act: enter },
	{
		name: "room-screen",
		path: room,
		scenario: { room: "screen" },
		act: async (all) => {
			await enter(all);
			await all.page.keyboard.press("p");
			await all.page.getByRole("complementary").waitFor();
		},
	},
	{
		name: "room-chat",
		path: room,
		scenario: { role: "attendee" },
		act: async (all) => {
			await enter(all);
			await openChat(all);
		},
	},
	{
		name: "room-chat-menu",
		axeOff: ["landmark-one-main", "page-has-heading-one"],
		path: room,
		act: async (all) => {
			await enter(all);
			await openChat(all);
			await button(all.page, words[all.language].aboutMessage).nth(3).click();
			await all.page.getByRole("menuitem").first().waitFor();
		},
	},
	{
		name: "room-chat-edit",
		path: room,
		act: async (all) => {
			await enter(all);
			await openChat(all);
			await all.page.getByRole("complementary").getByRole("textbox").press("ArrowUp");
			await all.page.getByText(/You edit a message|你在编辑/).waitFor();
		},
	},
	{
		name: "room-chat-emoji",
		axeOff: ["landmark-one-main", "page-has-heading-one", "scrollable-region-focusable"],
		path: room,
		act: async (all) => {
			await enter(all);
			await openChat(all);
			await button(all.page, words[all.language].emoji).click();
			await all.page.getByRole("option").first().waitFor();
		},
	},
	{
		name: "room-chat-refused",
		path: room,
		act: async (all) => {
			await enter(all);
			await openChat(all);
			const field = all.page.getByRole("complementary").getByRole("textbox");
			await field.fill("changed");
			await field.press("Enter");
			await all.page.getByText(/keeps more than|保留的内容比/).waitFor();
		},
	},
	{
		name: "room-ask",
		path: room,
		scenario: { role: "attendee" },
		act: async (all) => {
			await enter(all);
			await button(all.page, words[all.language].camera).click();
			await all.page.getByRole("alertdialog").waitFor();
		},
	},
	{
		name: "room-camera",
		path: room,
		scenario: { role: "attendee" },
		act: async (all) => {
			await enter(all);
			await button(all.page, words[all.language].camera).click();
			await all.page.getByRole("alertdialog").getByRole("button").nth(1).click();
			await all.page.locator("[data-identity=you] video").waitFor();
			await all.page.waitForFunction(() =>
				[...document.querySelectorAll("video")].every((video) => video.readyState >= 2),
			);
		},
	},
	{
		name: "room-guest-data",
		path: room,
		scenario: { ...out, role: "attendee" },
		act: async (all) => {
			const { page, language } = all;
			await page.locator("[name=name]").fill("Ben");
			await enter(all);
			await button(page, words[language].more).click();
			await page.getByRole("menuitem", { name: words[language].myData }).click();
			await page.locator("details").last().waitFor();
		},
	},
];
