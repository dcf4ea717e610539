import type {
	CancellationStatus,
	Consents,
	Device,
	HostedMeeting,
	Instance,
	Me,
	Meeting,
	Message,
	Openings,
	Permission,
	Permits,
	Person,
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
	room: "faces" | "screen" | "screens" | "alone" | "reconnecting";
	/** How many are inside, oneself among them. */
	crowd: number;
	role: "host" | "attendee" | "viewer";
	/** What has just happened: a host's wish, or a change of what the meeting keeps. */
	news: "none" | "asked" | "policy";
	cancellation: CancellationStatus["state"];
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
	role: "host",
	news: "none",
	cancellation: "certified",
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
	hosted: Pick<HostedMeeting, "locked" | "passcode" | "attendees_may">;
	permits: Permits;
	exports: Map<string, number>;
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
		messages: scenario.empty || scenario.room === "alone" ? [] : createMessages(ago),
		seat: null,
		hosted: { locked: false, passcode: null, attendees_may: { ...everything } },
		permits: { camera: false, microphone: false, screen: false, data: true },
		exports: new Map(),
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

function createMeetings({ language, room, role }: Scenario, ago: At, ahead: At): Meeting[] {
	const zh = language === "zh-CN";
	const meeting = (code: string, title: string | null, more: Partial<Meeting>): Meeting => ({
		meeting_id: `mtg_${code}`,
		code,
		title,
		admission: "link",
		state: "ended",
		created_at: ago(3 * day),
		started_at: null,
		ended_at: null,
		is_host: true,
		inside: 0,
		conversation_id: "cnv_1",
		chat_kept_until: null,
		...more,
	});
	return [
		meeting("qjm-wx4t-9kd", zh ? "设计评审" : "Design review", {
			state: "live",
			started_at: ago(34 * minute),
			inside: room === "alone" ? 0 : 3,
			is_host: role === "host",
			admission: "lobby",
			chat_kept_until: ahead(90 * day),
		}),
		meeting("abc-wait-2nd", zh ? "和莎拉一对一" : "1:1 with Sara", {
			state: "idle",
			admission: "lobby",
			created_at: ago(2 * hour),
		}),
		meeting("hyz-k3pm-7wq", null, {
			started_at: ago(2 * day),
			ended_at: ago(2 * day - 44 * minute),
			is_host: false,
			chat_kept_until: ahead(88 * day),
		}),
		meeting("tme-42xv-nra", zh ? "伙伴日筹备" : "Partner day, preparation", {
			started_at: ago(9 * day),
			ended_at: ago(9 * day - 2 * hour),
			chat_kept_until: ahead(81 * day),
		}),
	];
}

export const everything = { microphone: true, camera: true, screen: true, chat: true };

const crowd =
	"Sara Ricci|Ben Tal|Ivana Novak|Jo Park|王小明|Aisha Bello|Tomás Silva|李娜|Nils Berg|Priya Nair|Chloé Martin|Kofi Mensah|赵磊|Elena Popa|Hugo Lind|Mei Tanaka|Rafael Cruz|Zoë Vos|张敏|Liam Byrne".split(
		"|",
	);

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
		...more,
	});
	const you = person("you", language === "zh-CN" ? "林薇" : "Lin Wei", { is_you: true, role });
	if (room === "alone") return [you];
	const others = [
		person("maya", "Maya Köhler", { role: role === "host" ? "co_host" : "host" }),
		person("chen", "陈曦", { hand: 1 }),
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

function createMessages(ago: At): Message[] {
	const said = (
		seq: number,
		sender_id: string,
		sender_name: string | null,
		minutes: number,
		text: string | null,
	): Message => ({
		message_id: `msg_${seq}`,
		seq,
		sender_id,
		sender_name,
		is_you: sender_id === "you",
		at: ago(minutes * minute),
		body: text === null ? { state: "erased" } : { state: "open", text },
		client_id: null,
	});
	return [
		said(1, "gone", null, 16, null),
		said(2, "chen", "陈曦", 9, "新的首页稿在第 8 页，大家看一下。"),
		said(3, "maya", "Maya Köhler", 7, "Page 8 is on the stage now. Scroll at your own pace, or follow me."),
		said(4, "omar", "Omar Aziz", 6, "I will send new contrast values by Thursday."),
	];
}
