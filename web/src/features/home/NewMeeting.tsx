import { useLingui } from "@lingui/react/macro";
import { ChevronDown, Video } from "lucide-react";
import { useState } from "react";
import { DialogTrigger } from "react-aria-components/Dialog";
import { api } from "@/api/client";
import type { Admission, Meeting } from "@/api/types";
import styles from "@/features/home/home.module.css";
import { useAdmissionOptions } from "@/lib/admission-words";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { Field } from "@/ui/Field";
import { Form } from "@/ui/Form";
import { PopDialog } from "@/ui/PopDialog";
import { ProblemNote } from "@/ui/ProblemNote";

const enter = ({ code }: Meeting) => location.assign(`/m/${code}`);

/** One press makes a meeting and goes there. Title and door can be chosen before, or never. */
export function NewMeeting() {
	const { t } = useLingui();
	const create = api.useMutation("post", "/api/meetings", { onSuccess: enter });
	const start = (title: string | null, admission: Admission) => create.mutate({ body: { title, admission } });
	return (
		<div>
			<div className={styles.new}>
				<Button look="primary" size="large" isPending={create.isPending} onPress={() => start(null, "link")}>
					<Video aria-hidden />
					{t`New meeting`}
				</Button>
				<DialogTrigger>
					<Button look="primary" size="large" aria-label={t`New meeting with a title`}>
						<ChevronDown aria-hidden />
					</Button>
					<PopDialog label={t`New meeting with a title`}>
						<Options onStart={start} isPending={create.isPending} />
					</PopDialog>
				</DialogTrigger>
			</div>
			<ProblemNote error={create.error} />
		</div>
	);
}

type OptionsProps = { onStart: (title: string | null, admission: Admission) => void; isPending: boolean };

function Options({ onStart, isPending }: OptionsProps) {
	const { t } = useLingui();
	const [title, setTitle] = useState("");
	const [admission, setAdmission] = useState<Admission>("link");
	const options = useAdmissionOptions();
	return (
		<div className={styles.options}>
			<Form onSubmit={() => onStart(title.trim() || null, admission)}>
				<Field label={t`Title`} optional value={title} onChange={setTitle} maxLength={120} autoFocus />
				<Choice label={t`Who comes in`} value={admission} onChange={setAdmission} options={options} />
				<Button type="submit" look="primary" wide isPending={isPending}>
					{t`Start`}
				</Button>
			</Form>
		</div>
	);
}
