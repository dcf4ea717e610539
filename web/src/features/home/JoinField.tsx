import { useLingui } from "@lingui/react/macro";
import { useRouterState } from "@tanstack/react-router";
import { Clipboard, Link2 } from "lucide-react";
import { useState } from "react";
import { parseMeetingCode } from "@/lib/meeting-code";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";

type State = { kind: "typing" } | { kind: "not-a-meeting" } | { kind: "no-clipboard" };

/** A code or a link, typed or pasted. The clipboard is read when its button is pressed, and at no other time. */
export function JoinField() {
	const { t } = useLingui();
	const visit = useRouterState({
		select: ({ location: { hash, state } }) => (hash === "join" ? state.key : ""),
	});
	const [text, setText] = useState("");
	const [state, setState] = useState<State>({ kind: "typing" });
	const join = (what: string) => {
		const code = parseMeetingCode(what, location.origin);
		if (code) location.assign(`/m/${code}`);
		else setState({ kind: "not-a-meeting" });
	};
	const paste = async () => {
		try {
			const pasted = await navigator.clipboard.readText();
			setText(pasted.trim().slice(0, 200));
			join(pasted);
		} catch {
			setState({ kind: "no-clipboard" });
		}
	};
	const errors = {
		typing: null,
		"not-a-meeting": t`That is no meeting of this Kloud. A code looks like qjm-wx4t-9kd.`,
		"no-clipboard": t`The browser did not let Kloud read the clipboard. Paste into the field instead.`,
	};
	return (
		<form
			// Led to from elsewhere to write here, even where one is here already.
			key={visit}
			onSubmit={(event) => {
				event.preventDefault();
				join(text);
			}}
		>
			<Field
				label={t`Code or link`}
				labelHidden
				large
				placeholder={t`Code or link`}
				value={text}
				onChange={(next) => {
					setText(next);
					setState({ kind: "typing" });
				}}
				isPlain
				autoFocus={location.hash === "#join"}
				autoComplete="off"
				enterKeyHint="go"
				error={errors[state.kind]}
				start={<Link2 aria-hidden />}
				end={
					text.trim() ? (
						<Button type="submit" look="pill" size="small">
							{t`Join`}
						</Button>
					) : (
						<Button look="pill" size="small" onPress={() => void paste()}>
							<Clipboard aria-hidden />
							{t`Paste link`}
						</Button>
					)
				}
			/>
		</form>
	);
}
