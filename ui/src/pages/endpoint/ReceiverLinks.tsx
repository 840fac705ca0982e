import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "@/api/ask";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { base } from "@/app/base";
import { DataTable, type Column } from "@/components/DataTable";
import { NameForm } from "@/components/NameForm";
import { Section } from "@/components/Page";
import { RevokeButton } from "@/components/RevokeButton";
import { SecretOnce } from "@/components/SecretOnce";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";

type Link = Schema<"ReceiverLink">;

const path = "/api/admin/endpoints/{endpoint_id}/receiver-links";

const lasts = [
  { value: "1", label: "1 day" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
];

const columns: Column<Link>[] = [
  { name: "For", cell: (l) => <b style={{ fontWeight: 550 }}>{l.name}</b> },
  { name: "State", cell: (l) => <State link={l} />, width: "120px" },
  {
    name: "Last used",
    cell: (l) => (l.last_used_at ? <RelativeTime at={l.last_used_at} /> : "never"),
    from: "tablet",
    width: "140px",
  },
  { name: "Expires", cell: (l) => <RelativeTime at={l.expires_at} />, width: "150px" },
  { name: "Made by", cell: (l) => l.created_by, from: "desktop", width: "140px" },
];

function State({ link }: { link: Link }) {
  if (link.open) return <StatusBadge state="ok" word="Active" quiet />;
  return <StatusBadge state="disabled" word={link.revoked_at ? "Revoked" : "Expired"} />;
}

/** The links by which the receiver's developers see this endpoint, and nothing else, without a login. */
export function ReceiverLinks({ endpointID }: { endpointID: string }) {
  const links = useQuery({
    ...ask(path, { path: { endpoint_id: endpointID } }),
    select: (answer) => answer.links,
  });
  const [made, setMade] = useState<Schema<"AddedReceiverLink"> | null>(null);
  return (
    <Section
      id="receiver-links"
      title="Links for the receiver's developers"
      sentence="With one, and without a login, they see this endpoint's deliveries, send one again, rotate the secret and run the tests."
    >
      {made && (
        <SecretOnce title={`The link for ${made.link.name}`} secret={`${base}/receiver#${made.token}`}>
          Whoever has it can use it, so hand it over in private.
        </SecretOnce>
      )}
      <NewLink endpointID={endpointID} onMade={setMade} />
      <DataTable
        label="Links for the receiver's developers"
        columns={columns}
        rows={links.data}
        keyOf={(l) => l.link_id}
        error={links.error}
        retry={() => void links.refetch()}
        skeletons={1}
        actions={(l) => l.open && <Revoke endpointID={endpointID} link={l} />}
        empty={null}
      />
    </Section>
  );
}

function NewLink({ endpointID, onMade }: { endpointID: string; onMade: (made: Schema<"AddedReceiverLink">) => void }) {
  const [days, setDays] = useState("7");
  const make = useAction({
    run: (name: string) =>
      read(api.POST(path, { params: { path: { endpoint_id: endpointID } }, body: { name, days: Number(days) } })),
    touches: [path, "/api/admin/audit"],
    onDone: onMade,
  });
  return (
    <NameForm
      label="Whose link it is"
      placeholder="Name, such as the developer's"
      verb="Make a link"
      onSubmit={(name, done) => make.mutate(name, { onSuccess: done })}
      pending={make.isPending}
      quiet
    >
      <Select
        aria-label="How long it is valid"
        data={lasts}
        value={days}
        onChange={(v) => v && setDays(v)}
        w={110}
        allowDeselect={false}
      />
    </NameForm>
  );
}

function Revoke({ endpointID, link }: { endpointID: string; link: Link }) {
  return (
    <RevokeButton
      what={`the link for ${link.name}`}
      run={() =>
        api.DELETE("/api/admin/endpoints/{endpoint_id}/receiver-links/{link_id}", {
          params: { path: { endpoint_id: endpointID, link_id: link.link_id } },
        })
      }
      touches={[path, "/api/admin/audit"]}
    >
      It opens nothing from this moment on. Deliveries go on as they are. This cannot be undone.
    </RevokeButton>
  );
}
