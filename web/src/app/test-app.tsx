import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { createQueries } from "@/api/queries";
import { Providers } from "@/app/Providers";
import { handle } from "../../mock-api/handle.ts";
import { createWorld, type Scenario, usual, type World } from "../../mock-api/world.ts";

/** A part of the interface, alive on a made-up server of its own. */
export function show(
	part: ReactNode,
	scenario: Partial<Scenario> = {},
	world: World = createWorld({ ...usual, ...scenario }),
): { world: World; asked: string[] } {
	const asked: string[] = [];
	vi.stubGlobal("fetch", (request: Request) => {
		asked.push(`${request.method} ${new URL(request.url).pathname}`);
		return handle(world, request);
	});
	render(<Providers queries={createQueries()}>{part}</Providers>);
	return { world, asked };
}
