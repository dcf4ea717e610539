import type { NewAccount, PasswordStrength } from "../src/api/types.ts";
import { at, created, nothing, problem, type Route } from "./route.ts";
import { createMe, type World } from "./world.ts";

const codes = [
	"h7kd-2mqp",
	"x3vn-8rta",
	"p9wc-4zjs",
	"m2fb-6yhe",
	"t5gx-1nkd",
	"c8ql-7wvr",
	"z4sj-3pbm",
	"k6ye-9txf",
	"b1rn-5hqc",
	"w7da-2gzv",
];

function strengthOf(password: string, words: string[]): PasswordStrength {
	const length = [...password].length;
	const reason =
		length < 15
			? "too_short"
			: words.some((word) => word.length > 2 && password.toLowerCase().includes(word.toLowerCase()))
				? "contains_you"
				: /^(.)\1+$|password|1234567/.test(password)
					? "too_common"
					: null;
	return { score: reason ? 1 : 4, acceptable: reason === null, reason, length };
}

function signIn(world: World, part: { identifier: string; nickname?: string }) {
	world.me = { ...createMe(world.scenario, world.now().toISOString()), identifier: part.identifier };
	if (part.nickname) world.me.nickname = part.nickname;
	return world.me;
}

function newAccount(world: World, part: { identifier: string; nickname: string }): NewAccount {
	return { account: signIn(world, part), recovery_codes: codes };
}

export const accountRoutes: Route[] = [
	{ method: "GET", path: at("/api/instance"), open: true, run: ({ world }) => world.instance },
	{
		method: "POST",
		path: at("/api/setup/check"),
		open: true,
		run: ({ body }) => (body.token === "wrong" ? problem("setup_link_invalid", 403) : nothing()),
	},
	{
		method: "POST",
		path: at("/api/setup"),
		open: true,
		run: ({ world, body }) => {
			world.instance = {
				...world.instance,
				name: body.instance_name,
				setup_required: false,
				officer: body.officer,
			};
			return created(newAccount(world, body.account));
		},
	},
	{
		method: "POST",
		path: at("/api/password-strength"),
		open: true,
		run: ({ body }) => strengthOf(body.password, body.words),
	},
	{
		method: "POST",
		path: at("/api/accounts"),
		open: true,
		run: ({ world, body }) => {
			if (body.identifier === "taken@example.org") return problem("identifier_taken", 409);
			const { acceptable, reason } = strengthOf(body.password, [body.identifier, body.nickname]);
			return acceptable ? created(newAccount(world, body)) : problem("password_refused", 422, { reason });
		},
	},
	{
		method: "POST",
		path: at("/api/sessions"),
		open: true,
		run: ({ world, body }) => {
			if (body.password !== "wrong") return created(signIn(world, body));
			world.failedSignIns += 1;
			return world.failedSignIns > 2
				? problem("too_many_attempts", 429, { retry_after_seconds: 75 })
				: problem("sign_in_failed", 401);
		},
	},
	{
		method: "POST",
		path: at("/api/sessions/recovery"),
		open: true,
		run: ({ world, body }) =>
			codes.includes(body.recovery_code)
				? created({ account: signIn(world, body), recovery_codes_left: 8 })
				: problem("sign_in_failed", 401),
	},
	{
		method: "DELETE",
		path: at("/api/sessions/current"),
		run: ({ world }) => {
			world.me = null;
			return nothing();
		},
	},
];
