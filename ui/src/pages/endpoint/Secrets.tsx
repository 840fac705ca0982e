import { Button, Select, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconRotate2 } from "@tabler/icons-react";
import { useState } from "react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { Confirm } from "@/components/Confirm";
import { useMay } from "@/app/session";
import { DataTable, type Column } from "@/components/DataTable";
import { Section } from "@/components/Page";
import { SecretOnce } from "@/components/SecretOnce";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";

type Secret = Schema<"SigningSecret">;

export const overlaps = [
  { value: "0", label: "None: they stop now" },
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "1 day" },
  { value: "604800", label: "7 days" },
  { value: "2592000", label: "30 days" },
];

export const secretColumns: Column<Secret>[] = [
  {
    name: "Secret",
    cell: (s) => (
      <code style={{ fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 }}>whsec_••••{s.last_four}</code>
    ),
  },
  {
    name: "State",
    cell: (s) =>
      s.expires_at ? (
        <StatusBadge state="pending" word="Being replaced" />
      ) : (
        <StatusBadge state="ok" word="Signing" quiet />
      ),
    width: "130px",
  },
  {
    name: "Created",
    cell: (s) => (s.created_at ? <RelativeTime at={s.created_at} /> : "–"),
    width: "140px",
    from: "tablet",
  },
  {
    name: "Signing until",
    cell: (s) => (s.expires_at ? <RelativeTime at={s.expires_at} /> : "no end"),
    width: "150px",
  },
];

/** The secrets that sign webhooks to an endpoint. A new one signs beside the old ones for a while, so that no webhook is refused. */
export function Secrets({ endpoint }: { endpoint: Schema<"Endpoint"> }) {
  const may = useMay("admin");
  const [fresh, setFresh] = useState<Schema<"RotatedSecret"> | null>(null);
  return (
    <Section
      id="signing-secrets"
      title="Signing secrets"
      sentence="Each webhook is signed with all of these, as Standard Webhooks has it. The receiver needs one of them."
      action={may && <Rotate endpoint={endpoint} onMade={setFresh} />}
    >
      {fresh && (
        <SecretOnce title="The new signing secret" secret={fresh.secret}>
          It signs from now on. Give it to the receiver while the old one still signs.
        </SecretOnce>
      )}
      <DataTable
        label="Signing secrets"
        columns={secretColumns}
        rows={endpoint.secrets}
        keyOf={(s) => s.secret_id}
        empty={null}
        actions={
          may && endpoint.secrets.length > 1
            ? (s) => (isLasting(s, endpoint.secrets) ? null : <Revoke endpoint={endpoint} secret={s} />)
            : undefined
        }
      />
    </Section>
  );
}

/** The one that goes on to sign when the others have ended: the server keeps it. */
function isLasting(secret: Secret, all: Secret[]) {
  return !secret.expires_at && all.filter((s) => !s.expires_at).length === 1;
}

function Rotate({
  endpoint,
  onMade,
}: {
  endpoint: Schema<"Endpoint">;
  onMade: (made: Schema<"RotatedSecret">) => void;
}) {
  const [opened, { open, close }] = useDisclosure();
  const [overlap, setOverlap] = useState("86400");
  const rotate = useAction({
    run: () =>
      read(
        api.POST("/api/admin/endpoints/{endpoint_id}/secrets", {
          params: { path: { endpoint_id: endpoint.endpoint_id } },
          body: { overlap_seconds: Number(overlap) },
        }),
      ),
    touches: ["/api/admin/endpoints", "/api/admin/audit"],
    quiet: true,
    onDone: (made) => {
      onMade(made);
      close();
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<IconRotate2 size={16} />} onClick={open}>
        Rotate
      </Button>
      <Confirm
        opened={opened}
        close={close}
        title="Make a new signing secret?"
        verb="Make a new one"
        keep="Keep the old ones"
        onConfirm={() => rotate.mutate(undefined)}
        pending={rotate.isPending}
        error={rotate.error}
        harmless
      >
        It signs at once, beside the old ones. It is shown this once; change the receiver to it before the old ones
        stop.
        <Select
          mt="md"
          label="The old ones go on to sign for"
          data={overlaps}
          value={overlap}
          onChange={(v) => v && setOverlap(v)}
        />
        {overlap === "0" && (
          <Text size="sm" c="red" mt="xs">
            Until the receiver has the new one, it will refuse every webhook. They are tried again on their schedule.
          </Text>
        )}
      </Confirm>
    </>
  );
}

function Revoke({ endpoint, secret }: { endpoint: Schema<"Endpoint">; secret: Secret }) {
  const [opened, { open, close }] = useDisclosure();
  const revoke = useAction({
    run: () =>
      api.DELETE("/api/admin/endpoints/{endpoint_id}/secrets/{secret_id}", {
        params: { path: { endpoint_id: endpoint.endpoint_id, secret_id: secret.secret_id } },
      }),
    touches: ["/api/admin/endpoints", "/api/admin/audit"],
    done: `The secret that ends in ${secret.last_four} has expired.`,
    quiet: true,
    onDone: close,
  });
  return (
    <>
      <Button size="compact-sm" variant="light" color="red" onClick={open}>
        Revoke
      </Button>
      <Confirm
        opened={opened}
        close={close}
        title={`Revoke the secret that ends in ${secret.last_four}?`}
        verb="Revoke"
        keep="Keep it"
        onConfirm={() => revoke.mutate(undefined)}
        pending={revoke.isPending}
        error={revoke.error}
      >
        It expires at once. A receiver that knows only this one refuses every webhook from then on. This cannot be
        undone.
      </Confirm>
    </>
  );
}
