/**
 * Whether everything on a page is where it can be seen and pressed: nothing outside the screen, nothing under
 * something else, no words cut without a sign of it, and under a finger nothing too small.
 */
const leastForFinger = 40;
const leastForPointer = 24;

/** Runs in the page. */
function look({ least }) {
	const faults = [];
	const nameOf = (element) =>
		`${element.tagName.toLowerCase()} “${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40)}”`;
	const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
	/** Said to a screen reader alone, in a box of one pixel. */
	const isUnseen = (element) => {
		for (let each = element; each && each !== document.body; each = each.parentElement)
			if (each.clientWidth === 1 && each.clientHeight === 1) return true;
		return false;
	};
	const isAmongWords = ({ parentElement }) =>
		[...parentElement.childNodes].some((each) => each.nodeType === Node.TEXT_NODE && each.textContent.trim());
	const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflow);
	const within = (element) => {
		for (let each = element.parentElement; each && each !== document.body; each = each.parentElement)
			if (scrolls(each)) return each;
		return null;
	};
	// What is open hides the rest from those who press.
	const layers = "[role=menu], [role=listbox], [role=dialog], [role=alertdialog], [data-layer]";
	const layer = [...document.querySelectorAll(layers)].filter(isShown).at(-1) ?? document.body;
	const pressables = [
		...layer.querySelectorAll("button, a[href], input, textarea, summary, [role=menuitem], [role=option]"),
	].filter((each) => isShown(each) && !isUnseen(each));

	for (const element of pressables) {
		const target = element.closest("label") ?? element;
		// A field is as large as the frame around it, which gives it the focus.
		const isField = /^(INPUT|TEXTAREA)$/.test(element.tagName) && target === element;
		const box = (isField ? element.parentElement : target).getBoundingClientRect();
		// A link in a line of words, or a button that stands in one, is as high as the line.
		const { display } = getComputedStyle(element);
		const isInText = display === "inline" || (display === "inline-block" && isAmongWords(element));
		if (!isInText && !element.closest("fieldset, [role=group]:has([role=spinbutton])"))
			if (Math.min(box.width, box.height) < least - 0.5)
				faults.push(`${nameOf(element)} is ${Math.round(box.width)}×${Math.round(box.height)}`);
		if (box.left < -1 || box.right > innerWidth + 1) {
			if (!within(target)) faults.push(`${nameOf(element)} is beside the screen`);
			continue;
		}
		const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
		const frame = within(target)?.getBoundingClientRect();
		const isInView =
			y > 0 &&
			y < innerHeight &&
			(!frame || (y > frame.top && y < frame.bottom && x > frame.left && x < frame.right));
		const hasStage = document.querySelector("[data-layout]") !== null;
		if (!isInView) {
			if (hasStage && !within(target)) faults.push(`${nameOf(element)} is outside of the screen`);
			continue;
		}
		const top = document.elementFromPoint(x, y);
		// A long page moves under what stays at its edge.
		const isEdge =
			!hasStage && top?.closest("nav") && getComputedStyle(top.closest("nav")).position === "sticky";
		if (isEdge) continue;
		if (top && !target.contains(top) && !top.contains(target) && !top.closest("label")?.contains(element))
			faults.push(`${nameOf(element)} is under ${nameOf(top)}`);
	}
	for (const element of document.body.querySelectorAll("*")) {
		const { overflowX, textOverflow } = getComputedStyle(element);
		if (!/hidden|clip/.test(overflowX) || textOverflow === "ellipsis" || !isShown(element)) continue;
		if (element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1)
			faults.push(`${nameOf(element)} is cut`);
	}
	const dock = document.querySelector("nav")?.getBoundingClientRect();
	for (const tile of dock ? document.querySelectorAll("[data-identity]") : []) {
		const box = tile.getBoundingClientRect();
		const apart =
			box.right <= dock.left + 1 ||
			box.left >= dock.right - 1 ||
			box.bottom <= dock.top + 1 ||
			box.top >= dock.bottom - 1;
		if (!apart) faults.push(`the dock covers ${nameOf(tile)}`);
		if (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1)
			faults.push(`${nameOf(tile)} is not whole on the screen`);
	}
	if (document.documentElement.scrollWidth > innerWidth + 1) faults.push("wider than the screen");
	return [...new Set(faults)];
}

export const fitFaults = (page, { isTouch }) =>
	page.evaluate(look, { least: isTouch ? leastForFinger : leastForPointer });
