import type {
	CancellationStatus,
	Consents,
	Device,
	Instance,
	Me,
	Meeting,
	Message,
	Openings,
	Permission,
	Permits,
	Person,
	Policy,
	Seat,
} from "../src/api/types.ts";

/** One visitor's server: what it holds, made up for showing and testing the client. */
export type Scenario = {
	signedIn: boolean;
	setupRequired: boolean;
	empty: boolean;
	/** Every answer but the instance's and the person's fails, to show how trouble is worded. */
	failing: boolean;
	/** Answers of the lists never come, to show the page while it loads. */
	slow: boolean;
	language: Me["language"];
	theme: Me["theme"];
	room: "faces" | "spotlight" | "screen" | "screens" | "alone" | "reconnecting" | "thin";
	/** How many are inside, oneself among them. */
	crowd: number;
	/** Titles, names and messages as long as they come. */
	long: boolean;
	/** The drawn people move, as filmed ones do. */
	moving: boolean;
	role: "host" | "attendee" | "viewer";
	/** What has just happened: a host's wish, or a change of what the meeting keeps. */
	news: "none" | "asked" | "policy";
	cancellation: CancellationStatus["state"];
	/** The ways that the network lets no media through. */
	shut: ("udp" | "tcp" | "relay")[];
};

export const usual: Scenario = {
	signedIn: true,
	setupRequired: false,
	empty: false,
	failing: false,
	slow: false,
	language: "en",
	theme: "system",
	room: "faces",
	crowd: 4,
	long: false,
	moving: false,
	role: "host",
	news: "none",
	cancellation: "certified",
	shut: [],
};

export type World = {
	scenario: Scenario;
	now: () => Date;
	instance: Instance;
	me: Me | null;
	isReauthenticated: boolean;
	failedSignIns: number;
	devices: Device[];
	permissions: Permission[];
	consents: Consents;
	openings: Openings;
	meetings: Meeting[];
	people: Person[];
	messages: Message[];
	seat: Seat | null;
	permits: Permits;
	exports: Map<string, number>;
	/** The meetings whose part was taken out. */
	takenOut: Set<string>;
	emit: (stream: string, kind: string, ids: Record<string, string>) => void;
};

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export function createWorld(scenario: Scenario, now = () => new Date()): World {
	const ago = (milliseconds: number) => new Date(now().getTime() - milliseconds).toISOString();
	const ahead = (milliseconds: number) => ago(-milliseconds);
	const zh = scenario.language === "zh-CN";
	return {
		scenario,
		now,
		instance: {
			name: zh ? "设计小组" : "Design group",
			setup_required: scenario.setupRequired,
			sign_up: "open",
			officer: scenario.setupRequired
				? null
				: { name: "Maya Köhler", contact: "privacy@kloud.example", answers_within_days: 30 },
			agreement: { version: 3, hash_en: "6f0c…e1", hash_zh: "9a41…77" },
			version: "0.1.0",
		},
		me: scenario.signedIn ? createMe(scenario, ago(3 * day)) : null,
		isReauthenticated: false,
		failedSignIns: 0,
		devices: createDevices(ago),
		permissions: createPermissions(),
		consents: createConsents(scenario, ago, ahead),
		openings: scenario.empty ? { openings: [], memberships: [] } : createOpenings(ago),
		meetings: scenario.empty ? [] : createMeetings(scenario, ago, ahead),
		people: createPeople(scenario),
		messages: scenario.empty || scenario.room === "alone" ? [] : createMessages(scenario, ago),
		seat: null,
		permits: { camera: false, microphone: false, screen: false, data: true },
		exports: new Map(),
		takenOut: new Set(),
		emit: () => {},
	};
}

type At = (milliseconds: number) => string;

export function createMe(scenario: Scenario, signedInAt: string): Me {
	return {
		account_id: "acc_lin",
		nickname: scenario.language === "zh-CN" ? "林薇" : "Lin Wei",
		identifier: "lin@example.org",
		language: scenario.language,
		theme: scenario.theme,
		real_name: null,
		is_operator: true,
		age_band: "adult",
		signed_in_at: signedInAt,
		recovery_codes_left: 9,
	};
}

function createDevices(ago: At): Device[] {
	return [
		{
			device_id: "dev_1",
			label: "Chromium · Linux",
			created_at: ago(3 * day),
			last_used_at: ago(minute),
			place: "192.168.1.0/24",
			current: true,
		},
		{
			device_id: "dev_2",
			label: "Safari · iPhone",
			created_at: ago(21 * day),
			last_used_at: ago(5 * hour),
			place: "10.20.0.0/16",
			current: false,
		},
		{
			device_id: "dev_3",
			label: "Firefox · Windows",
			created_at: ago(88 * day),
			last_used_at: ago(12 * day),
			place: "10.20.0.0/16",
			current: false,
		},
	];
}

function createPermissions(): Permission[] {
	const off = (which: Permission["class"], offered: boolean): Permission => ({
		class: which,
		state: "off",
		span: null,
		offered,
	});
	return [
		{ class: "microphone", state: "on", span: "sitting", offered: true },
		off("camera", true),
		off("screen", true),
		off("clipboard", true),
		off("location", false),
		off("address_book", false),
		off("photo_album", false),
		off("notifications", false),
		off("storage", false),
	];
}

function createConsents({ empty, language }: Scenario, ago: At, ahead: At): Consents {
	const zh = language === "zh-CN";
	const base = { version: 1, text_hash: "b3…", language, agreement_version: 3 };
	const meeting = { kind: "meeting" as const, title: zh ? "设计评审" : "Design review" };
	return {
		consents: empty
			? []
			: [
					{
						...base,
						consent_id: "con_1",
						purpose: "Microphone",
						scope: meeting,
						answer: "yes",
						at: ago(34 * minute),
						until: ahead(day),
					},
					{
						...base,
						consent_id: "con_2",
						purpose: "Camera",
						scope: meeting,
						answer: "withdrawn",
						at: ago(2 * day),
						until: null,
					},
					{
						...base,
						consent_id: "con_3",
						purpose: "personalise",
						scope: { kind: "standing", title: null },
						answer: "no",
						at: ago(40 * day),
						until: null,
					},
				],
	};
}

function createOpenings(ago: At): Openings {
	return {
		openings: [
			{
				at: ago(6 * day),
				exact: true,
				purpose: "support",
				role: "operator",
				name: "Omar Aziz",
				reason: "7K2-MQ",
				count: 1,
			},
			{
				at: ago(3 * day),
				exact: false,
				purpose: "sign_in",
				role: "system",
				name: null,
				reason: null,
				count: 4,
			},
		],
		memberships: [{ since: ago(34 * minute), until: null }],
	};
}

const longTitle =
	"Design review of the new home page: second round with the partners from Ljubljana, 上海 and São Paulo";

function createMeetings({ language, room, role, long, crowd: all }: Scenario, ago: At, ahead: At): Meeting[] {
	const zh = language === "zh-CN";
	const meeting = (code: string, title: string | null, more: Partial<Meeting>): Meeting => ({
		...plainMeeting(code, ago(3 * day)),
		title,
		...more,
	});
	const at = (from: string) => ({ starts_at: from, duration_minutes: 45, zone: "Europe/Berlin" });
	const ended = (days: number, minutes: number, kept: number): Partial<Meeting> => ({
		state: "ended",
		started_at: ago(days * day),
		ended_at: ago(days * day - minutes * minute),
		chat_kept_until: ahead(kept * day),
		has_recap: true,
	});
	return [
		meeting("qjm-wx4t-9kd", long ? longTitle : zh ? "设计评审" : "Design review", {
			state: "live",
			started_at: ago(34 * minute),
			inside: room === "alone" ? 0 : all - 1,
			role,
			host_name: role === "host" ? (zh ? "林薇" : "Lin Wei") : "Maya Köhler",
			admission: "lobby",
			has_recap: true,
		}),
		meeting("abc-wait-2nd", zh ? "和莎拉一对一" : "1:1 with Sara", {
			admission: "lobby",
			passcode: "quiet-harbour",
			created_at: ago(2 * hour),
			...at(ahead(10 * minute)),
		}),
		meeting("wkl-y234-abc", zh ? "周会" : "Weekly", { ...at(ahead(day)), duration_minutes: 30 }),
		meeting("qtr-plan-234", zh ? "季度计划" : "Quarterly planning", {
			role: "attendee",
			host_name: "Omar Aziz",
			...at(ahead(6 * day)),
			duration_minutes: 120,
			zone: "Asia/Shanghai",
		}),
		meeting("any-time-234", zh ? "随时聊" : "Drop in", { created_at: ago(4 * day) }),
		meeting("hyz-k3pm-7wq", null, { ...ended(2, 44, 88), role: "attendee", host_name: "Maya Köhler" }),
		meeting("tme-42xv-nra", zh ? "伙伴日筹备" : "Partner day, preparation", ended(9, 120, 81)),
	];
}

export const everything = { microphone: true, camera: true, screen: true, chat: true };

const crowd =
	"Sara Ricci|Maximiliana von Hohenberg-Schönefeld|Jo|王小明|Aisha Bello|Nguyễn Thị Minh Khai|欧阳明日香|Nils Berg|Ivana Novak|Chloé Martin|Kofi Mensah-Boateng|赵磊|Elena Popa|Hugo Lind|Mei Tanaka|Rafael Cruz (Partner)|Zoë Vos|张敏|Liam Byrne|Priya Nair|Tomás Silva|李娜|Ben Tal|Fatima Zahra El Idrissi|Jan Kowalski|陈思远|Ruth Adeyemi|Matti Virtanen|Ana Sofía Restrepo|O. K.|Yusuf Demir|孙丽华|Greta Holm|Pavel Dvořák|Leila Haddad|Sam Whitlock|Oksana Bondarenko|刘洋|Diego Fuentes|Hanna Lee|Bram de Wit|Noor Rahman|Isla McKay|周杰|Emil Sørensen|Tara Quinn".split(
		"|",
	);

/** A meeting that was made and no more. */
export function plainMeeting(code: string, created_at: string): Meeting {
	return {
		meeting_id: `mtg_${code}`,
		code,
		title: null,
		host_name: "Lin Wei",
		role: "host",
		state: "idle",
		admission: "link",
		locked: false,
		passcode: null,
		attendees_may: everything,
		cap: null,
		expires_at: null,
		policy: plainPolicy,
		starts_at: null,
		duration_minutes: null,
		zone: null,
		created_at,
		started_at: null,
		ended_at: null,
		inside: 0,
		conversation_id: "cnv_1",
		chat_kept_until: null,
		has_recap: false,
	};
}

export const plainPolicy: Policy = {
	version: 1,
	chat_kept_days: 90,
	recording: "off",
	attendance: "kept",
	guest_key_days: 30,
	seen_by: "people in this meeting",
};

function createPeople({ room, role, language, crowd: inside }: Scenario): Person[] {
	const person = (identity: string, name: string, more: Partial<Person> = {}): Person => ({
		participant_id: `par_${identity}`,
		identity,
		name,
		role: "attendee",
		status: "admitted",
		is_you: false,
		permits: { camera: true, microphone: true, screen: true, data: true },
		rights: everything,
		held: { microphone: false, camera: false, screen: false },
		hand: null,
		spotlight: null,
		...more,
	});
	const you = person("you", language === "zh-CN" ? "林薇" : "Lin Wei", { is_you: true, role });
	if (room === "alone") return [you];
	const others = [
		person("maya", "Maya Köhler", { role: role === "host" ? "co_host" : "host" }),
		person("chen", "陈曦", { hand: 1, spotlight: room === "spotlight" ? 1 : null }),
		person("omar", "Omar Aziz", { hand: 2, held: { microphone: true, camera: false, screen: false } }),
		...Array.from({ length: 46 }, (_, at) => person(`more-${at}`, crowd[at % crowd.length] ?? "")),
	].slice(0, inside - 1);
	const knocking =
		role === "host"
			? [
					person("sara", "Sara Ricci", { status: "waiting" }),
					person("ben", "Ben", { status: "waiting" }),
					person("spam", "Free coins", { status: "banned" }),
				]
			: [];
	return [...others, you, ...knocking];
}

const longMessages = [
	"That reads well. One thing about the second drawing: when a name is as long as “Maximiliana von Hohenberg-Schönefeld”, does the row wrap or is it cut? I would rather have it cut in the list and whole in the card, because lists are scanned and cards are read.",
	"https://design.example/review/2026/home/round-2/notes?section=contrast-of-charts&from=chat#8-contrast-values-for-dark-and-light",
	"第二轮的意见我整理好了：一、首页先回答“现在做什么”；二、图表的对比度要到 4.5:1；三、手机横屏时底栏放到右边。\n大家如果还有补充，今天下班前发给我。",
];

function createMessages({ long }: Scenario, ago: At): Message[] {
	const said = (
		seq: number,
		sender_id: string,
		sender_name: string | null,
		minutes: number,
		body: string | Message["body"],
		more: Partial<Message> = {},
	): Message => ({
		message_id: `msg_${seq}`,
		seq,
		sender_id,
		sender_name,
		is_you: sender_id === "you",
		at: ago(minutes * minute),
		edited_at: null,
		body: typeof body === "string" ? { state: "open", text: body } : body,
		client_id: null,
		...more,
	});
	return [
		said(1, "gone", null, 16, { state: "erased" }),
		said(2, "chen", "陈曦", 9, "新的首页稿在第 8 页，大家看一下。"),
		said(3, "maya", "Maya Köhler", 7, "Page 8 is on the stage now. Scroll at your own pace, or follow me."),
		said(4, "maya", "Maya Köhler", 7, "The notes: https://design.example/review/8 (open to all)", {
			edited_at: ago(5 * minute),
		}),
		said(5, "you", "Lin Wei", 6, "Contrast on the charts is still 3:1."),
		said(6, "omar", "Omar Aziz", 6, { state: "deleted" }),
		said(7, "omar", "Omar Aziz", 6, "I will send new contrast values by Thursday. 👍"),
		...(long
			? longMessages.map((text, at) =>
					at === 2 ? said(10, "chen", "陈曦", 2, text) : said(8 + at, "maya", "Maya Köhler", 4 - at, text),
				)
			: []),
	];
}
