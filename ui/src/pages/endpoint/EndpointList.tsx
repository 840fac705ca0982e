import type { Schema } from "@/api/client";
import { DataTable, type Column } from "@/components/DataTable";
import { Empty } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { count } from "@/format/text";
import classes from "./Endpoint.module.css";
import { lookOf, useEndpoints } from "./endpoints";

const columns: Column<Schema<"Endpoint">>[] = [
  { name: "URL", cell: (e) => <span className={classes.url}>{e.url}</span> },
  { name: "State", cell: (e) => <StatusBadge {...lookOf(e)} quiet={e.health.state === "well"} />, width: "140px" },
  { name: "X-api-key", cell: (e) => (e.api_key.set ? `••••${e.api_key.last_four}` : "none"), width: "110px", from: "tablet" },
  { name: "Signing", cell: (e) => count(e.secrets.length, "secret"), width: "110px", from: "tablet" },
];

/** Where outcomes go; each line leads to its secrets and its bench. */
export function EndpointList() {
  const endpoints = useEndpoints();
  return (
    <DataTable label="CRM webhooks" columns={columns} rows={endpoints.data} keyOf={(e) => e.endpoint_id} hrefOf={(e) => `/endpoints/${e.endpoint_id}`}
      error={endpoints.error} retry={() => void endpoints.refetch()} skeletons={1}
      empty={<Empty title="No webhook URL yet">Outcomes wait until there is one; none is lost. Set CRM_WEBHOOK_URL and start click2call again.</Empty>} />
  );
}
