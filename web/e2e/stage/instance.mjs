/** A Kloud that is set up, without going through its wizard: what other scripts show is taken for granted here. */
export const password = "correct horse battery";

/** Asks the server as the page's own script would. */
export async function ask(page, method, path, body) {
	const answer = await page.evaluate(
		async ([method, path, body]) => {
			const headers = body === undefined ? {} : { "content-type": "application/json" };
			const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
			const text = await response.text();
			return { status: response.status, body: text ? JSON.parse(text) : null };
		},
		[method, path, body],
	);
	if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
	return answer.body;
}

/** Makes the instance with its operator, whose page it is. */
export async function settle(page, words, nickname) {
	const link = new URL(words.match(/http:\/\/\S+/)[0]);
	await page.goto(link.href);
	await page.getByRole("textbox", { name: "Name" }).waitFor();
	const token = link.hash.slice(1) || link.searchParams.get("token") || link.pathname.split("/").at(-1);
	await ask(page, "POST", "/api/setup", {
		token: token.replace(/^token=/, ""),
		instance_name: "Design group",
		officer: { name: "Maya Köhler", contact: "privacy@kloud.example", answers_within_days: 30 },
		account: { identifier: "host@example.org", nickname, password, language: "en" },
	});
}
