import { Text } from "@mantine/core";
import { useState } from "react";
import type { Schema } from "@/api/client";
import { useMay } from "@/app/session";
import { DataTable, type Column } from "@/components/DataTable";
import { Empty } from "@/components/Page";
import { SecretOnce } from "@/components/SecretOnce";
import { StatusBadge } from "@/components/Status";
import { count } from "@/format/text";
import classes from "./Endpoint.module.css";
import { lookOf, useEndpoints } from "./endpoints";
import { NewEndpoint } from "./NewEndpoint";

const columns: Column<Schema<"Endpoint">>[] = [
  { name: "URL", cell: (e) => <span className={classes.url}>{e.url}</span> },
  { name: "State", cell: (e) => <StatusBadge {...lookOf(e)} quiet={e.health.state === "well"} />, width: "140px" },
  {
    name: "X-api-key",
    cell: (e) => (e.api_key.set ? `••••${e.api_key.last_four}` : "none"),
    width: "110px",
    from: "tablet",
  },
  { name: "Signing", cell: (e) => count(e.secrets.length, "secret"), width: "110px", from: "tablet" },
];

/** Where outcomes go: one line, which leads to its secrets and its bench, or the form for its URL. */
export function EndpointList() {
  const endpoints = useEndpoints();
  const may = useMay("admin");
  const [added, setAdded] = useState<Schema<"AddedEndpoint"> | null>(null);
  if (endpoints.data?.length === 0 && may) {
    return (
      <>
        <Text size="sm" mb="md">
          No webhook URL yet. Outcomes wait until there is one; none is lost.
        </Text>
        <NewEndpoint onAdded={setAdded} />
      </>
    );
  }
  return (
    <>
      {added && (
        <SecretOnce title="The signing secret" secret={added.secret}>
          The receiver verifies webhooks with it.
        </SecretOnce>
      )}
      <DataTable
        label="CRM webhook"
        columns={columns}
        rows={endpoints.data}
        keyOf={(e) => e.endpoint_id}
        hrefOf={(e) => `/endpoints/${e.endpoint_id}`}
        error={endpoints.error}
        retry={() => void endpoints.refetch()}
        skeletons={1}
        empty={
          <Empty title="No webhook URL yet">
            Outcomes wait until there is one; none is lost. An admin sets it here.
          </Empty>
        }
      />
    </>
  );
}
