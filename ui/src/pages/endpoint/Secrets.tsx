import { useState } from "react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useMay } from "@/app/session";
import { DataTable, type Column } from "@/components/DataTable";
import { Section } from "@/components/Page";
import { RevokeButton } from "@/components/RevokeButton";
import { RotateButton } from "@/components/RotateButton";
import { SecretOnce } from "@/components/SecretOnce";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";

type Secret = Schema<"SigningSecret">;

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
  const rotate = useAction({
    run: (overlapSeconds: number) =>
      read(
        api.POST("/api/admin/endpoints/{endpoint_id}/secrets", {
          params: { path: { endpoint_id: endpoint.endpoint_id } },
          body: { overlap_seconds: overlapSeconds },
        }),
      ),
    touches: ["/api/admin/endpoints", "/api/admin/audit"],
    quiet: true,
    onDone: onMade,
  });
  return (
    <RotateButton
      onRotate={(overlapSeconds, done) => rotate.mutate(overlapSeconds, { onSuccess: done })}
      pending={rotate.isPending}
      error={rotate.error}
      atOnce
    />
  );
}

function Revoke({ endpoint, secret }: { endpoint: Schema<"Endpoint">; secret: Secret }) {
  return (
    <RevokeButton
      what={`the secret that ends in ${secret.last_four}`}
      run={() =>
        api.DELETE("/api/admin/endpoints/{endpoint_id}/secrets/{secret_id}", {
          params: { path: { endpoint_id: endpoint.endpoint_id, secret_id: secret.secret_id } },
        })
      }
      touches={["/api/admin/endpoints", "/api/admin/audit"]}
    >
      It expires at once. A receiver that knows only this one refuses every webhook from then on. This cannot be undone.
    </RevokeButton>
  );
}
