import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Info } from "lucide-react";
import { useState } from "react";
import { api } from "@/api/client";
import type { Permission, PermissionClass, PermissionList } from "@/api/types";
import { BrowserHelp } from "@/features/me/BrowserHelp";
import styles from "@/features/me/me.module.css";
import { permissionIcons, usePermissionWords } from "@/features/me/permission-words";
import { TextButton } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Card, Lines, PageHead, Row, Text } from "@/ui/Layout";
import { Quiet } from "@/ui/Note";
import { ProblemNote } from "@/ui/ProblemNote";
import { SkeletonLines } from "@/ui/Skeleton";
import { Switch } from "@/ui/Switch";

const permissionsQuery = () => api.queryOptions("get", "/api/me/permissions");

export function Permissions() {
	const { t } = useLingui();
	const permissions = useQuery(permissionsQuery());
	const queries = useQueryClient();
	const [helping, setHelping] = useState(false);
	const put = api.useMutation("put", "/api/me/permissions/{class}", {
		// The switch moves with the finger; the server's answer has the last word.
		onMutate: ({ params, body }) => {
			queries.setQueryData<PermissionList>(permissionsQuery().queryKey, (now) =>
				now
					? {
							permissions: now.permissions.map((each) =>
								each.class === params.path.class ? { ...each, state: body.state } : each,
							),
						}
					: now,
			);
		},
		onSettled: () => queries.invalidateQueries(permissionsQuery()),
	});
	// Whoever closes the page at once has said no all the same.
	const turnOff = (which: PermissionClass) =>
		put.mutate({ params: { path: { class: which } }, body: { state: "off" }, keepalive: true });
	return (
		<>
			<title>{t`Permissions · Kloud`}</title>
			<PageHead
				title={t`Permissions`}
				lead={t`All are off until you say yes at the moment of use. Turning one off works at once, in a running meeting too.`}
			/>
			<ProblemNote error={put.error} />
			<Card>
				{permissions.isPending ? (
					<SkeletonLines count={7} />
				) : permissions.isError ? (
					<ProblemNote inset error={permissions.error} onRetry={() => void permissions.refetch()} />
				) : (
					<Lines label={t`Permissions`}>
						{permissions.data.permissions.map((permission) => (
							<PermissionLine key={permission.class} permission={permission} onTurnOff={turnOff} />
						))}
					</Lines>
				)}
			</Card>
			<div className={styles.under}>
				<Quiet>
					<Info aria-hidden />
					<span>
						<Trans>
							Your browser keeps a permission of its own.{" "}
							<TextButton onPress={() => setHelping(true)}>How to clear it</TextButton>
						</Trans>
					</span>
				</Quiet>
			</div>
			<BrowserHelp isOpen={helping} onClose={() => setHelping(false)} />
		</>
	);
}

type LineProps = { permission: Permission; onTurnOff: (which: PermissionClass) => void };

function PermissionLine({ permission, onTurnOff }: LineProps) {
	const { t } = useLingui();
	const words = usePermissionWords();
	const Icon = permissionIcons[permission.class];
	const effect = `permission-${permission.class}`;
	const isOn = permission.state === "on";
	return (
		<li className={styles.permission}>
			<span className={styles.tileIcon} aria-hidden>
				<Icon />
			</span>
			<div>
				<Text weight="strong" as="div">
					{words.name(permission.class)}
				</Text>
				<Text size={13} tone="quiet" as="div" id={effect}>
					{words.effect(permission.class)}
				</Text>
			</div>
			<Row gap={4} align="end">
				<span className={styles.state}>{words.state(permission)}</span>
				{isOn ? (
					<Switch
						label={words.name(permission.class)}
						describedBy={effect}
						isSelected
						onChange={() => onTurnOff(permission.class)}
					/>
				) : (
					<Chip>{permission.offered ? t`Asked when used` : t`Nothing asks`}</Chip>
				)}
			</Row>
		</li>
	);
}
