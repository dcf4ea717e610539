export type Greeting = "morning" | "day" | "evening";

export function greetingAt(now: Date): Greeting {
	const hour = now.getHours();
	if (hour >= 5 && hour < 12) return "morning";
	return hour >= 12 && hour < 18 ? "day" : "evening";
}
