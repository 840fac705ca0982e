import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { DataTable, type Column } from "@/components/DataTable";
import { Empty, Section } from "@/components/Page";
import { whyShort } from "@/components/reasons";
import { stateOfCall, StatusBadge } from "@/components/Status";
import { Duration, RelativeTime } from "@/components/Time";
import classes from "./Overview.module.css";

type Call = Schema<"CallSummary">;

const columns: Column<Call>[] = [
  { name: "Outcome", cell: (c) => <StatusBadge state={stateOfCall(c)} />, width: "150px" },
  { name: "Why", cell: (c) => <span className={classes.why}>{whyShort(c)}</span>, from: "tablet" },
  { name: "Customer", cell: (c) => c.masked_number, width: "120px" },
  { name: "Agent", cell: (c) => <span className={classes.cut}>{c.agent_id}</span>, from: "tablet" },
  {
    name: "Talk",
    cell: (c) => <Duration seconds={c.duration_seconds} />,
    align: "right",
    width: "80px",
    from: "tablet",
  },
  { name: "Ended", cell: (c) => c.ended_at && <RelativeTime at={c.ended_at} short />, align: "right", width: "110px" },
];

/** The calls that ended last, the latest end first. */
export function LatestCalls({ calls }: { calls: Call[] | undefined }) {
  if (calls?.length === 0) return null;
  return (
    <Section
      title="Latest calls"
      action={
        <Link to="/calls?status=ended" className={classes.all}>
          All calls
        </Link>
      }
    >
      <DataTable
        label="Latest calls"
        columns={columns}
        rows={calls}
        keyOf={(c) => c.call_id}
        hrefOf={(c) => `/calls/${c.call_id}`}
        empty={<Empty title="No calls yet" />}
      />
    </Section>
  );
}
