import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "@/api/ask";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { DataTable, type Column } from "@/components/DataTable";
import { NameForm } from "@/components/NameForm";
import { Empty } from "@/components/Page";
import { purposes, type Purpose } from "@/components/purposes";
import { RevokeButton } from "@/components/RevokeButton";
import { SecretOnce } from "@/components/SecretOnce";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";

type Key = Schema<"APIKey">;

const columns: Column<Key>[] = [
  { name: "Name", cell: (k) => <b style={{ fontWeight: 550 }}>{k.name}</b> },
  {
    name: "Key",
    cell: (k) => (
      <code style={{ fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 }}>••••{k.last_four}</code>
    ),
    width: "120px",
  },
  {
    name: "State",
    cell: (k) =>
      k.revoked_at ? <StatusBadge state="disabled" word="Revoked" /> : <StatusBadge state="ok" word="Active" quiet />,
    width: "120px",
  },
  { name: "Purpose", cell: (k) => <KeyPurpose apiKey={k} />, width: "190px", from: "tablet" },
  {
    name: "Last used",
    cell: (k) => (k.last_used_at ? <RelativeTime at={k.last_used_at} /> : "never"),
    from: "tablet",
    width: "150px",
  },
  { name: "Made", cell: (k) => <RelativeTime at={k.created_at} short />, from: "tablet", width: "150px" },
];

/** What the calls of a key are for that name no purpose. It matters where the operators have set rules of permission. */
function KeyPurpose({ apiKey: k }: { apiKey: Key }) {
  const set = useAction({
    run: (purpose: Purpose | null) =>
      api.PUT("/api/admin/api-keys/{key_id}", { params: { path: { key_id: k.key_id } }, body: { purpose } }),
    touches: ["/api/admin/api-keys", "/api/admin/audit"],
    done: `Saved. The next call of ${k.name} is asked by it.`,
  });
  if (k.revoked_at) return <>–</>;
  return (
    <Select
      size="xs"
      aria-label={`Purpose of calls by ${k.name}`}
      data={[{ value: "", label: "As the rules say" }, ...purposes]}
      value={k.purpose ?? ""}
      disabled={set.isPending}
      onChange={(v) => set.mutate(purposes.find((p) => p.value === v)?.value ?? null)}
    />
  );
}

/** The keys that CRMs send as X-api-key: several, named, revoked at once. */
export function ApiKeys() {
  const keys = useQuery({
    ...ask("/api/admin/api-keys"),
    select: (answer) => answer.api_keys,
  });
  const [made, setMade] = useState<Schema<"APIKeyWithSecret"> | null>(null);
  return (
    <>
      {made && (
        <SecretOnce title={`The key ${made.api_key.name}`} secret={made.secret}>
          The CRM sends it as X-api-key.
        </SecretOnce>
      )}
      <NewKey onMade={setMade} />
      <DataTable
        label="API keys"
        columns={columns}
        rows={keys.data}
        keyOf={(k) => k.key_id}
        error={keys.error}
        retry={() => void keys.refetch()}
        skeletons={2}
        actions={(k) => !k.revoked_at && <Revoke apiKey={k} />}
        empty={
          <Empty title="No API keys yet">
            A CRM needs one to open calls. Make one above, and hand it to the CRM's developer with the integration
            guide.
          </Empty>
        }
      />
    </>
  );
}

function NewKey({ onMade }: { onMade: (made: Schema<"APIKeyWithSecret">) => void }) {
  const make = useAction({
    run: (name: string) => read(api.POST("/api/admin/api-keys", { body: { name } })),
    touches: ["/api/admin/api-keys", "/api/admin/audit"],
    onDone: onMade,
  });
  return (
    <NameForm
      label="Name of the key"
      placeholder="Name, such as the CRM's"
      verb="Create a key"
      onSubmit={(name, done) => make.mutate(name, { onSuccess: done })}
      pending={make.isPending}
    />
  );
}

function Revoke({ apiKey }: { apiKey: Key }) {
  return (
    <RevokeButton
      what={`the key ${apiKey.name}`}
      run={() => api.DELETE("/api/admin/api-keys/{key_id}", { params: { path: { key_id: apiKey.key_id } } })}
      touches={["/api/admin/api-keys", "/api/admin/audit"]}
    >
      The CRM that uses it gets 401 from this moment on and opens no more calls. Calls under way go on. This cannot be
      undone.
    </RevokeButton>
  );
}
