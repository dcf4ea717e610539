/** How long the server may think about why it refused. */
const patienceMs = 3000;

/**
 * Whether the media server at a WebSocket address lets nobody new in because it carries as much as it may. A browser hides
 * from its page why a socket was refused; asked without a socket, the server says it.
 */
export async function isServerFull(url: string, token: string): Promise<boolean> {
	const question = `${url.replace(/^ws/, "http").replace(/\/$/, "")}/rtc/validate?access_token=${token}`;
	try {
		const answer = await fetch(question, { cache: "no-store", signal: AbortSignal.timeout(patienceMs) });
		return answer.status === 503 && (await answer.json()).code === "overloaded";
	} catch {
		return false;
	}
}
