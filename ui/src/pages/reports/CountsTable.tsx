import { DataTable, type Column } from "@/components/DataTable";
import { Empty } from "@/components/Page";
import { wordsOf } from "@/components/reasons";
import { StatusBadge } from "@/components/Status";
import type { Schema } from "@/api/client";
import { formatDuration } from "@/format/duration";
import { formatPercent } from "@/format/text";
import { callsHref, type Scope } from "./links";
import classes from "./Reports.module.css";
import { formatNumber } from "@/format/locale";

interface Row {
  key: string;
  name: string;
  counts: Schema<"OutcomeCounts">;
  href: string;
}

/** Outcome counts, one group a line; each line leads to its calls. */
export function CountsTable({ label, first, rows }: { label: string; first: string; rows: Row[] }) {
  const number = (name: string, of: (c: Row["counts"]) => React.ReactNode, from?: "tablet"): Column<Row> => ({
    name,
    cell: (r) => of(r.counts),
    align: "right",
    width: "110px",
    from,
  });
  const columns: Column<Row>[] = [
    { name: first, cell: (r) => r.name },
    number("Calls", (c) => formatNumber(c.calls)),
    number("Answered", (c) => formatNumber(c.answered), "tablet"),
    number("Not answered", (c) => formatNumber(c.not_answered), "tablet"),
    number("Failed", (c) => formatNumber(c.failed), "tablet"),
    number("Answer rate", (c) => formatPercent(c.answered, c.calls)),
    number(
      "Average talk",
      (c) => (c.average_talk_seconds === null ? "–" : formatDuration(c.average_talk_seconds)),
      "tablet",
    ),
  ];
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={rows}
      keyOf={(r) => r.key}
      hrefOf={(r) => r.href}
      empty={<Empty title="Nothing in this range" />}
    />
  );
}

/** Why calls ended: each reason with its SIP code, and a bar for its share. */
export function ByReason({
  reasons,
  total,
  scope,
}: {
  reasons: Schema<"ReportReason">[];
  total: number;
  scope: Scope;
}) {
  const columns: Column<Schema<"ReportReason">>[] = [
    { name: "Reason", cell: (r) => wordsOf(r.disconnect_reason) },
    { name: "Outcome", cell: (r) => <StatusBadge state={r.call_status} quiet />, width: "130px", from: "tablet" },
    { name: "SIP code", cell: (r) => r.sip_disconnect_code ?? "–", align: "right", width: "90px" },
    { name: "Calls", cell: (r) => formatNumber(r.calls), align: "right", width: "90px" },
    {
      name: "Share",
      width: "220px",
      from: "tablet",
      cell: (r) => (
        <span className={classes.share} data-outcome={r.call_status}>
          <i style={{ width: `${(100 * r.calls) / Math.max(1, total)}%` }} /> {formatPercent(r.calls, total)}
        </span>
      ),
    },
  ];
  return (
    <DataTable
      label="By reason"
      columns={columns}
      rows={reasons}
      keyOf={(r) => `${r.disconnect_reason}-${r.sip_disconnect_code}`}
      hrefOf={(r) =>
        callsHref(scope, {
          reason: r.disconnect_reason,
          call_status: r.call_status,
          sip_code: r.sip_disconnect_code === null ? undefined : String(r.sip_disconnect_code),
        })
      }
      empty={<Empty title="Nothing in this range" />}
    />
  );
}
