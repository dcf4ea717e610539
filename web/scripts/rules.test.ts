import { expect, test } from "vitest";
// @ts-expect-error the rules are plain script, run without a build
import { importFaults, lengthFaults, literalFaults, tokenFaults } from "./rules.mjs";

test("a feature may not know another, and call/ knows no framework", () => {
	expect(importFaults("src/features/home/Home.tsx", 'import { x } from "@/features/me/Me";')).toHaveLength(1);
	expect(importFaults("src/features/home/Home.tsx", 'import { x } from "@/features/home/model";')).toEqual(
		[],
	);
	expect(importFaults("src/call/call.ts", 'import { useState } from "react";')).toHaveLength(1);
	expect(importFaults("src/ui/Button.tsx", "useEffect(() => {});")).toHaveLength(1);
	expect(importFaults("src/features/home/Home.tsx", 'await fetch("/api/me");')).toHaveLength(1);
});

test("text must pass through i18n", () => {
	expect(literalFaults("src/ui/A.tsx", "const a = <p>Hello</p>;")).toHaveLength(1);
	expect(literalFaults("src/ui/A.tsx", 'const a = <b aria-label="Hello" />;')).toHaveLength(1);
	expect(literalFaults("src/ui/A.tsx", "const a = <Trans>Hello <b>you</b></Trans>;")).toEqual([]);
});

test("values come from tokens", () => {
	expect(tokenFaults("src/features/home/home.module.css", ".a { color: #fff; width: 3px }")).toHaveLength(1);
	expect(tokenFaults("src/features/home/home.module.css", ".a { color: var(--ink); margin: 0 }")).toEqual([]);
});

test("a component fits in 200 lines", () => {
	expect(lengthFaults("src/ui/A.tsx", "\n".repeat(200))).toHaveLength(1);
});
