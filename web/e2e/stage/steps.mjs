/** What leads to a screen, in the words of both languages. */
export const out = { signedIn: false };
export const words = {
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
export const button = (page, name, exact = true) => page.getByRole("button", { name, exact });
export const heading = (page) => page.getByRole("heading", { level: 1 }).first().waitFor();
export const isSettled = () =>
	![...document.querySelectorAll("[role=status]")].some(({ textContent }) =>
		/^(Loading|正在载入)$/.test(textContent),
	);
export const settled = (page) => page.waitForFunction(isSettled);
export const loaded = async ({ page }) => {
	await heading(page);
	await settled(page);
};

/** Everything about the connection was tried. */
export const checked = ({ page }) => page.locator("[data-verdict]:not([data-verdict=running])").waitFor();

export async function enter({ page, language }) {
	await page.getByRole("button", { name: words[language].join }).click();
	await page.getByRole("navigation").waitFor();
	await page.locator("[data-identity]").first().waitFor();
	await page.waitForFunction(() =>
		[...document.querySelectorAll("video")].every((video) => video.readyState >= 2),
	);
}

export async function openChat({ page, language }) {
	await button(page, new RegExp(`^${words[language].chat}`), false)
		.first()
		.click();
	await page.getByRole("log", { name: /Messages|消息/ }).waitFor();
}

export const room = "/m/qjm-wx4t-9kd";
export const things = {
	en: { hosting: "Host controls", devices: "Sound and camera", layout: "Layout" },
	"zh-CN": { hosting: "主持人控制", devices: "声音和摄像头", layout: "布局" },
};
