/** All that is held about the person of a world, row by row as the server tells it. */
import type { DataValue } from "../src/api/types.ts";
import type { World } from "./world.ts";

type Column = Partial<Omit<DataValue, "label">>;

const own = ["show_own", "answer_request"];
const shown = ["show_to_audience", ...own];
const guarded: Column = { purposes: ["protect", ...own], basis: "legitimate_interest", source: "observed" };
const noted: Column = { source: "observed", category: "behaviour" };
const byDays: Column = { retention: "days", retention_days: 60 };
const ofMeeting: Column = { retention: "object_life" };
const at = (day: number, time: string) => `2026-10-${String(day).padStart(2, "0")}T${time}:00.000Z`;

export function createValues(world: World): DataValue[] {
	const { me } = world;
	const values: DataValue[] = [];
	const row = (kind: string, columns: Record<string, [string | null, Column?]>, common: Column = {}) => {
		for (const [column, [value, more]] of Object.entries(columns))
			values.push({
				id: `${kind}.${column}#${values.length}`,
				label: `${kind}.${column}`,
				value,
				category: "identity",
				value_state: "open",
				purposes: own,
				basis: "contract",
				source: "user",
				retention: "account_life",
				retention_days: null,
				editable: false,
				...common,
				...more,
			});
	};
	const secret: Column = { category: "credential", value_state: "hidden", purposes: ["sign_in"] };
	row("account", {
		nickname: [me?.nickname ?? "Ben", { purposes: shown, editable: true }],
		real_name: [null, { editable: true }],
		age_band: ["adult", { editable: true, basis: "law" }],
		identifier: [me?.identifier ?? null, { category: "contact", purposes: ["sign_in", "notify", ...own] }],
		language: [me?.language ?? "en", { editable: true, category: "behaviour" }],
		theme: [me?.theme ?? "system", { editable: true, category: "behaviour" }],
		password: [null, secret],
		is_operator: ["false", noted],
		created_at: [at(2, "09:14"), noted],
		credentials_changed_at: [at(2, "09:14"), guarded],
	});
	for (const [device, place, day] of [
		["Chromium on Linux", "192.168.1.0/24", 19],
		["Safari on iPhone", "192.168.1.0/24", 18],
	] as const)
		row(
			"session",
			{
				device: [device],
				place: [place],
				created_at: [at(day, "08:30")],
				last_used_at: [at(day, "10:12")],
				reauthenticated_at: [at(day, "08:30")],
			},
			{ ...guarded, ...byDays, category: "behaviour" },
		);
	for (let code = 0; code < 12; code += 1)
		row("recovery_code", { subject: ["sub_1", noted], hash: [null, secret] });
	row("meeting", { host: ["mem_1"], title: ["Design review"] }, { ...ofMeeting, purposes: shown });
	row(
		"membership",
		{ member: ["mem_1"], role: ["owner"], since: [at(19, "09:00")], until: [null] },
		ofMeeting,
	);
	row(
		"seat",
		{
			name: [me?.nickname ?? "Ben", { purposes: shown }],
			status: ["left"],
			permits: ["11", { basis: "consent" }],
			knocked_at: [at(19, "09:58")],
			admitted_at: [at(19, "10:00")],
			left_at: [at(19, "10:44")],
		},
		ofMeeting,
	);
	for (const [body, time] of [
		["Page 8 is on the stage now.", "10:12"],
		["The second drawing is the one with the longer name, I will put both side by side.", "10:14"],
	] as const)
		row(
			"message",
			{
				member: ["mem_1", { purposes: shown }],
				body: [body, { category: "authored", purposes: ["show_to_audience", "search", ...own] }],
				sent_at: [at(19, time), noted],
			},
			ofMeeting,
		);
	for (const device of ["camera", "microphone"]) {
		row("consent", {
			purpose: [`device.${device}`],
			answer: ["yes"],
			given_at: [at(19, "10:01")],
			until: [null],
		});
		row("permission", {
			device: [device],
			state: ["on"],
			reach: ["sitting"],
			changed_at: [at(19, "10:01"), noted],
			changed_by: ["person"],
		});
	}
	return values;
}
