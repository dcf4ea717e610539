/** Every screen and state that is looked at: where it is, whose world it shows, and what leads to it. */
import { roomScreens } from "./room-screens.mjs";
import { button, checked, enter, heading, loaded, out, room, settled, words } from "./stage/steps.mjs";

export const screens = [
	{ name: "setup-0-no-link", path: "/setup", scenario: { ...out, setupRequired: true }, act: loaded },
	{ name: "setup-1-name", path: "/setup#token", scenario: { ...out, setupRequired: true }, act: loaded },
	{
		name: "setup-2-officer",
		path: "/setup#token",
		scenario: { ...out, setupRequired: true },
		act: async ({ page, language }) => {
			await page.getByRole("textbox").first().fill("Design group");
			await button(page, words[language].next).click();
			await page.getByRole("textbox").nth(1).waitFor();
		},
	},
	{
		name: "setup-3-account",
		path: "/setup#token",
		scenario: { ...out, setupRequired: true },
		act: async ({ page, language }) => {
			await page.getByRole("textbox").first().fill("Design group");
			await button(page, words[language].next).click();
			await page.getByRole("textbox").nth(1).waitFor();
			await page.getByRole("textbox").nth(0).fill("Maya Köhler");
			await page.getByRole("textbox").nth(1).fill("privacy@kloud.example");
			await button(page, words[language].next).click();
			await page.locator("input[type=password]").waitFor();
		},
	},
	{ name: "setup-wrong-link", path: "/setup#wrong", scenario: { ...out, setupRequired: true }, act: loaded },
	{
		name: "sign-up",
		path: "/sign-up",
		scenario: out,
		act: async ({ page }) => {
			await page.locator("[name=identifier]").fill("lin@example.org");
			await page.locator("[name=nickname]").fill("Lin Wei");
			await page.locator("[name=password]").fill("correct horse battery");
			await page.getByText(/21/).waitFor();
		},
	},
	{
		name: "sign-up-codes",
		path: "/sign-up",
		scenario: out,
		act: async ({ page, language }) => {
			await page.locator("[name=identifier]").fill("lin@example.org");
			await page.locator("[name=nickname]").fill("Lin Wei");
			await page.locator("[name=password]").fill("correct horse battery");
			await button(page, words[language].submit).click();
			await page.getByRole("listitem").nth(9).waitFor();
		},
	},
	{
		name: "sign-up-taken",
		path: "/sign-up",
		scenario: out,
		act: async ({ page, language }) => {
			await page.locator("[name=identifier]").fill("taken@example.org");
			await page.locator("[name=nickname]").fill("Lin Wei");
			await page.locator("[name=password]").fill("correct horse battery");
			await button(page, words[language].submit).click();
			await page.locator("[aria-invalid=true]").waitFor();
		},
	},
	{ name: "sign-in", path: "/sign-in", scenario: out, act: loaded },
	{
		name: "sign-in-slow-down",
		path: "/sign-in",
		scenario: out,
		act: async ({ page, language }) => {
			await page.locator("[name=identifier]").fill("lin@example.org");
			await page.locator("[name=password]").fill("wrong");
			const press = button(page, words[language].signIn);
			for (let tries = 0; tries < 3; tries += 1) {
				const answered = page.waitForResponse("**/api/sessions");
				await press.click();
				await answered;
			}
			await page.getByText(/1:1\d/).waitFor();
		},
	},
	{ name: "recover", path: "/recover", scenario: out, act: loaded },
	{
		name: "recover-wrong",
		path: "/recover",
		scenario: out,
		act: async ({ page }) => {
			await page.locator("[name=identifier]").fill("lin@example.org");
			await page.locator("[name=recovery-code]").fill("wrong");
			await page.locator("[name=password]").fill("correct horse battery");
			await page.locator("button[type=submit]").click();
			await page.getByRole("alert").waitFor();
		},
	},
	{ name: "home", path: "/", act: loaded },
	{
		name: "home-offline",
		path: "/",
		act: async (all) => {
			await loaded(all);
			await all.page.context().setOffline(true);
			await all.page.getByText(/You are offline|你已离线/).waitFor();
		},
	},
	{ name: "home-empty", path: "/", scenario: { empty: true }, act: loaded },
	{
		name: "home-failing",
		path: "/",
		scenario: { failing: true },
		act: async ({ page }) => page.getByRole("alert").waitFor(),
	},
	{ name: "home-loading", path: "/", scenario: { slow: true }, act: ({ page }) => heading(page) },
	{
		name: "home-options",
		path: "/",
		act: async (all) => {
			await loaded(all);
			await button(all.page, words[all.language].options).click();
			await all.page.getByRole("dialog").waitFor();
		},
	},
	{
		name: "palette",
		// The list is moved through from the field, by the arrow keys; it takes no focus of its own.
		axeOff: ["scrollable-region-focusable", "landmark-one-main", "page-has-heading-one"],
		path: "/",
		act: async (all) => {
			await loaded(all);
			await all.page.keyboard.press("Control+k");
			await all.page.getByRole("menuitem").first().waitFor();
		},
	},
	{
		name: "palette-join",
		axeOff: ["scrollable-region-focusable", "landmark-one-main", "page-has-heading-one"],
		path: "/",
		act: async (all) => {
			await loaded(all);
			await all.page.keyboard.press("Control+k");
			await all.page.getByRole("dialog").getByRole("searchbox").fill("new-wx4t-9kd");
			await all.page.getByRole("menuitem", { name: /new-wx4t-9kd/ }).waitFor();
		},
	},
	{
		name: "shortcuts",
		path: "/",
		act: async (all) => {
			await loaded(all);
			await all.page.keyboard.press("?");
			await all.page.getByRole("dialog").waitFor();
		},
	},
	{
		name: "plan",
		path: "/",
		act: async (all) => {
			await loaded(all);
			await button(all.page, words[all.language].plan).first().click();
			await all.page.getByRole("dialog").waitFor();
		},
	},
	{
		name: "plan-day",
		// The popover of the calendar hides the page from those who cannot see it, headings and all.
		axeOff: ["landmark-one-main", "page-has-heading-one"],
		path: "/",
		act: async (all) => {
			await loaded(all);
			await button(all.page, words[all.language].plan).first().click();
			await all.page.getByRole("dialog").getByRole("group").getByRole("button").first().click();
			await all.page.getByRole("grid").waitFor();
		},
	},
	{
		name: "plan-zone",
		axeOff: ["landmark-one-main", "page-has-heading-one", "region", "scrollable-region-focusable"],
		path: "/",
		act: async (all) => {
			await loaded(all);
			await button(all.page, words[all.language].plan).first().click();
			await all.page.getByRole("combobox").fill("shang");
			await all.page.getByRole("option").first().waitFor();
		},
	},
	{ name: "home-long", path: "/", scenario: { long: true }, act: loaded, full: true },
	{ name: "meeting-long", path: "/meetings/qjm-wx4t-9kd", scenario: { long: true }, act: loaded, full: true },
	{ name: "meetings", path: "/meetings", act: loaded, full: true },
	{
		name: "meetings-none-found",
		path: "/meetings",
		act: async (all) => {
			await loaded(all);
			await all.page.getByRole("searchbox").fill("zzz");
			await all.page.getByText(/No meeting has|没有标题/).waitFor();
		},
	},
	{ name: "meetings-empty", path: "/meetings", scenario: { empty: true }, act: loaded },
	{ name: "meeting-live", path: "/meetings/qjm-wx4t-9kd", act: loaded, full: true },
	{ name: "meeting-before", path: "/meetings/abc-wait-2nd", act: loaded, full: true },
	{
		name: "meeting-passcode",
		path: "/meetings/abc-wait-2nd",
		act: async (all) => {
			await loaded(all);
			await button(all.page, words[all.language].setPasscode).click();
			await all.page.getByRole("textbox").waitFor();
		},
		full: true,
	},
	{ name: "meeting-attendee", path: "/meetings/qtr-plan-234", act: loaded, full: true },
	{
		name: "meeting-after",
		path: "/meetings/hyz-k3pm-7wq",
		act: async (all) => {
			await loaded(all);
			await all.page.getByRole("heading", { level: 2 }).first().waitFor();
			await settled(all.page);
		},
		full: true,
	},
	{
		name: "recap-chat",
		path: "/meetings/tme-42xv-nra",
		act: async (all) => {
			await loaded(all);
			await all.page.locator("summary").first().press("Enter");
			await all.page.getByRole("log").waitFor();
		},
		full: true,
	},
	{
		name: "recap-take-out",
		path: "/meetings/tme-42xv-nra",
		act: async (all) => {
			await loaded(all);
			await button(all.page, words[all.language].takeOut).click();
			await all.page.getByRole("alertdialog").waitFor();
		},
	},
	{
		name: "recap-out",
		path: "/meetings/tme-42xv-nra",
		act: async (all) => {
			await loaded(all);
			await button(all.page, words[all.language].takeOut).click();
			await all.page.getByRole("alertdialog").getByRole("button").nth(1).click();
			await all.page.getByText(/nothing here carries|不再有任何内容/).waitFor();
		},
		full: true,
	},
	{
		name: "meeting-end-question",
		path: "/meetings/qjm-wx4t-9kd",
		act: async (all) => {
			await loaded(all);
			await button(all.page, words[all.language].end).click();
			await all.page.getByRole("alertdialog").waitFor();
		},
	},
	{
		name: "me",
		path: "/me",
		act: ({ page }) =>
			page
				.getByRole("link", { name: /Profile|个人资料/ })
				.first()
				.waitFor(),
	},
	{ name: "me-profile", path: "/me/profile", act: loaded, full: true },
	{ name: "me-permissions", path: "/me/permissions", act: loaded, full: true },
	{
		name: "me-permissions-help",
		path: "/me/permissions",
		act: async (all) => {
			await loaded(all);
			await button(all.page, words[all.language].help).click();
			await all.page.getByRole("dialog").waitFor();
		},
	},
	{ name: "me-data", path: "/me/data", act: loaded, full: true },
	{
		name: "me-data-open",
		path: "/me/data",
		act: async (all) => {
			await loaded(all);
			const folds = all.page.locator("main summary");
			for (const at of [0, 1]) await folds.nth(at).press("Enter");
			await all.page.locator("details details summary").first().press("Enter");
			await all.page.locator("details details table").first().waitFor();
		},
		full: true,
	},
	{
		name: "me-data-password",
		path: "/me/data",
		act: async (all) => {
			await loaded(all);
			await button(all.page, words[all.language].copy).click();
			await all.page.getByRole("dialog").waitFor();
		},
	},
	{ name: "me-consents", path: "/me/consents", act: loaded, full: true },
	{ name: "me-security", path: "/me/security", act: loaded, full: true },
	{ name: "me-contact", path: "/me/contact", act: loaded },
	{ name: "me-about", path: "/me/about", act: loaded },
	{
		name: "cancellation",
		path: "/me/about/cancellation",
		act: async ({ page, language }) => button(page, words[language].cancel).waitFor(),
		full: true,
	},
	{
		name: "cancellation-question",
		path: "/me/about/cancellation",
		act: async ({ page, language }) => {
			await button(page, words[language].cancel).click();
			await page.getByRole("alertdialog").waitFor();
		},
	},
	{
		name: "cancelled-waiting",
		path: "/cancelled#secret",
		scenario: { ...out, cancellation: "waiting" },
		act: loaded,
		full: true,
	},
	{
		name: "cancelled-half",
		path: "/cancelled#secret",
		scenario: { ...out, cancellation: "keys_gone" },
		act: loaded,
		full: true,
	},
	{
		name: "cancelled-done",
		path: "/cancelled#secret",
		scenario: { ...out, cancellation: "certified" },
		act: loaded,
		full: true,
	},
	{ name: "not-found", path: "/no/such/page", act: ({ page }) => heading(page) },
	{ name: "door", path: room, act: loaded, full: true },
	{ name: "door-long", path: room, scenario: { crowd: 25, long: true }, act: loaded, full: true },
	{ name: "door-guest", path: room, scenario: { ...out, role: "attendee" }, act: loaded, full: true },
	{
		name: "door-knock",
		path: "/m/lob-by22-abc",
		scenario: { ...out, role: "attendee" },
		act: loaded,
		full: true,
	},
	{
		name: "door-preview",
		path: room,
		act: async (all) => {
			const { page, language } = all;
			await loaded(all);
			await button(page, words[language].tryCamera).click();
			await page.locator("video").waitFor();
			await button(page, words[language].tryMicrophone).click();
			await page.getByRole("meter").waitFor();
			await page.waitForFunction(() => (document.querySelector("video")?.readyState ?? 0) >= 2);
		},
		full: true,
	},
	{
		name: "door-waiting",
		path: "/m/lob-by22-abc",
		scenario: { ...out, role: "attendee" },
		act: async ({ page, language }) => {
			await page.locator("[name=name]").fill("Ben");
			await page.getByRole("button", { name: words[language].join }).click();
			await page.getByText(/Maya Köhler/).waitFor();
			await page.getByRole("textbox").waitFor({ state: "detached" });
		},
	},
	{
		name: "door-soon",
		path: "/m/soo-n222-abc",
		scenario: { ...out, role: "attendee" },
		act: loaded,
		full: true,
	},
	{
		name: "door-passcode",
		path: "/m/pas-code-abc",
		scenario: { ...out, role: "attendee" },
		act: async (all) => {
			await loaded(all);
			await all.page.locator("[name=name]").fill("Ben");
			await all.page.getByRole("textbox").nth(1).fill("guess");
			await all.page.getByRole("textbox").nth(1).press("Enter");
			await all.page.locator("[aria-invalid=true]").waitFor();
		},
		full: true,
	},
	{
		name: "door-tried",
		path: "/m/try-ing2-abc",
		scenario: { ...out, role: "attendee" },
		act: async (all) => {
			await loaded(all);
			await all.page.locator("[name=name]").fill("Ben");
			await all.page.getByRole("textbox").nth(1).fill("guess");
			await all.page.getByRole("textbox").nth(1).press("Enter");
			await all.page.getByText(/1:[23]\d/).waitFor();
		},
		full: true,
	},
	{
		name: "door-full",
		path: "/m/ful-l222-abc",
		scenario: { ...out, role: "attendee" },
		act: async (all) => {
			await loaded(all);
			await all.page.locator("[name=name]").fill("Ben");
			await all.page.locator("[name=name]").press("Enter");
			await all.page.getByRole("alert").waitFor();
		},
		full: true,
	},
	{ name: "door-locked", path: "/m/lck-ed22-abc", scenario: { ...out, role: "attendee" }, act: loaded },
	{ name: "door-banned", path: "/m/ban-ned2-abc", scenario: { ...out, role: "attendee" }, act: loaded },
	{ name: "door-expired", path: "/m/exp-ired-abc", scenario: { ...out, role: "attendee" }, act: loaded },
	{ name: "door-ended", path: "/m/end-ed22-abc", scenario: { ...out, role: "attendee" }, act: loaded },
	{ name: "door-unknown", path: "/m/non-one2-abc", scenario: { ...out, role: "attendee" }, act: loaded },
	{ name: "check", path: "/check", scenario: out, act: checked },
	{ name: "check-no-udp", path: "/check?m=qjm-wx4t-9kd", scenario: { ...out, shut: ["udp"] }, act: checked },
	{
		name: "check-no-media",
		path: "/check",
		scenario: { ...out, shut: ["udp", "tcp", "relay"] },
		act: checked,
	},
	{
		name: "check-devices",
		path: "/check",
		scenario: out,
		act: async (all) => {
			await checked(all);
			for (const fold of await all.page.locator("summary").all()) await fold.click();
			await button(all.page, words[all.language].tryMicrophone).click();
			await all.page.getByRole("meter").waitFor();
		},
		full: true,
	},
	...roomScreens,
	{
		name: "after-left",
		path: room,
		scenario: { ...out, role: "attendee" },
		act: async (all) => {
			await all.page.locator("[name=name]").fill("Ben");
			await enter(all);
			await button(all.page, words[all.language].leave).click();
			await heading(all.page);
		},
	},
	{
		name: "after-denied",
		path: "/m/den-ied2-abc",
		scenario: { ...out, role: "attendee" },
		act: async ({ page, language }) => {
			await page.locator("[name=name]").fill("Ben");
			await page.getByRole("button", { name: words[language].join }).click();
			await page.getByText(/The host said no|主持人这次/).waitFor({ timeout: 12_000 });
		},
	},
];
