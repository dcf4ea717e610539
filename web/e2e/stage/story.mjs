/** A story in steps: each says how it went and how long it took; the first that fails ends it. */
export function createStory() {
	let passed = 0;
	return {
		async step(name, work) {
			const began = performance.now();
			await work();
			passed += 1;
			console.log(`ok ${passed} - ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
		},
		end(error) {
			if (error) {
				console.error(error);
				process.exitCode = 1;
			}
			console.log(`${passed} passed, ${error ? 1 : 0} failed`);
		},
	};
}
