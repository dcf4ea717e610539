/** Every screen and state that is looked at: where it is, whose world it shows, and what leads to it. */
const out = { signedIn: false };
const words = {
	en: {
		join: /^Join|^Ask to join/,
		chat: "Chat",
		people: "People",
		more: "More",
		camera: "Turn on camera",
		tryCamera: "Try the camera",
		tryMicrophone: "Try the microphone",
		leave: "Leave",
		next: "Continue",
		submit: "Make account",
		signIn: "Sign in",
		cancel: "Continue to cancel",
		cancelNow: "Cancel my account",
		help: "How to clear it",
		copy: "Take a copy",
		options: "New meeting with a title",
		myData: "My data",
		erase: "Leave and erase me",
		end: "End meeting",
		name: "Your name",
		newCodes: "Make new codes",
		plan: "Plan a meeting",
		emoji: "Emoji",
		aboutMessage: "More about this message",
		takeOut: "Take me out of this",
		setPasscode: "Change",
	},
	"zh-CN": {
		join: /^加入|^请求加入/,
		chat: "聊天",
		people: "成员",
		more: "更多",
		camera: "打开摄像头",
		tryCamera: "试用摄像头",
		tryMicrophone: "试用麦克风",
		leave: "离开",
		next: "继续",
		submit: "创建账号",
		signIn: "登录",
		cancel: "继续注销",
		cancelNow: "注销我的账号",
		help: "如何清除",
		copy: "获取副本",
		options: "新建带标题的会议",
		myData: "我的数据",
		erase: "离开并抹除我",
		end: "结束会议",
		name: "你的名字",
		newCodes: "生成新的恢复码",
		plan: "安排会议",
		emoji: "表情",
		aboutMessage: "这条消息的更多操作",
		takeOut: "把我从中移除",
		setPasscode: "更改",
	},
};
const button = (page, name, exact = true) => page.getByRole("button", { name, exact });
const heading = (page) => page.getByRole("heading", { level: 1 }).first().waitFor();
const isSettled = () =>
	![...document.querySelectorAll("[role=status]")].some(({ textContent }) =>
		/^(Loading|正在载入)$/.test(textContent),
	);
const settled = (page) => page.waitForFunction(isSettled);
const loaded = async ({ page }) => {
	await heading(page);
	await settled(page);
};

async function enter({ page, language }) {
	await page.getByRole("button", { name: words[language].join }).click();
	await page.getByRole("navigation").waitFor();
	await page.locator("[data-identity]").first().waitFor();
	await page.waitForFunction(() =>
		[...document.querySelectorAll("video")].every((video) => video.readyState >= 2),
	);
}

async function openChat({ page, language }) {
	await button(page, new RegExp(`^${words[language].chat}`), false)
		.first()
		.click();
	await page.getByRole("log", { name: /Messages|消息/ }).waitFor();
}

const room = "/m/qjm-wx4t-9kd";
const things = {
	en: { hosting: "Host controls", devices: "Sound and camera", layout: "Layout" },
	"zh-CN": { hosting: "主持人控制", devices: "声音和摄像头", layout: "布局" },
};

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
