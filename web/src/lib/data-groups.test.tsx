import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { DataValue } from "@/api/types";
import { groupsOf, subjectOf } from "@/lib/data-groups";
import { useDataLabels } from "@/lib/data-labels";
import { type languages, showLanguage } from "@/lib/i18n";
import { createValues } from "../../mock-api/values.ts";
import { createWorld, usual } from "../../mock-api/world.ts";

afterEach(cleanup);

/** The labels that the server's own sources declare; `personal` is how a column says what it is. */
function inventory(): string[] {
	const crates = join(import.meta.dirname, "../../../crates");
	const sources = readdirSync(crates, { recursive: true, encoding: "utf8" }).filter((path) =>
		/^[^/]+\/src\/.*\.rs$/.test(path),
	);
	const declared = sources.flatMap((path) => {
		const text = readFileSync(join(crates, path), "utf8");
		return [...text.matchAll(/^\s*#\[personal\(\s*label = "([^"]+)"/gm)].map(([, label]) => label ?? "");
	});
	return [...new Set(declared)];
}

async function labelsIn(language: (typeof languages)[number]) {
	await showLanguage(language);
	const { result } = renderHook(useDataLabels, {
		wrapper: ({ children }) => <I18nProvider i18n={i18n}>{children}</I18nProvider>,
	});
	return result.current;
}

test("every column of the server's inventory falls into a group", () => {
	const labels = inventory();
	expect(labels.length).toBeGreaterThan(50);
	expect(labels.filter((label) => subjectOf(label) === "other")).toEqual([]);
});

test("every column of the server's inventory has words in both languages", async () => {
	const labels = inventory();
	const english = await labelsIn("en");
	const chinese = await labelsIn("zh-CN");
	expect(labels.filter((label) => !english[label])).toEqual([]);
	expect(labels.filter((label) => !/\p{Script=Han}/u.test(chinese[label] ?? ""))).toEqual([]);
	expect(labels.filter((label) => /\p{Script=Han}/u.test(english[label] ?? ""))).toEqual([]);
	await showLanguage("en");
});

test("nothing is left out, and what is not known yet is shown too", () => {
	const known = createValues(createWorld(usual));
	const [first] = known;
	const values = [...known, { ...first, id: "new#1", label: "horoscope.sign" } as DataValue];
	const groups = groupsOf(values);
	const shown = groups.flatMap(({ things }) => things.flatMap((thing) => thing.values));
	expect(shown.map(({ id }) => id).sort()).toEqual(values.map(({ id }) => id).sort());
	expect(groups.at(-1)?.subject).toBe("other");
});

test("what one row of the server tells is one thing", () => {
	const groups = groupsOf(createValues(createWorld(usual)));
	const messages = groups.find(({ subject }) => subject === "messages");
	expect(messages?.things.map(({ values }) => values.map(({ label }) => label))).toEqual([
		["message.member", "message.body", "message.sent_at"],
		["message.member", "message.body", "message.sent_at"],
	]);
});
