import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { DataTable, type Column } from "@/components/DataTable";
import { Empty, Facts, Section } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { count, formatPercent } from "@/format/text";
import { formatNumber } from "@/format/locale";
import { useOverview } from "@/live/overview";
import { Dials, whyOf } from "./Dials";
import { isTrunkFailure, useTrunkRecords } from "./records";
import classes from "./Trunks.module.css";

type Dial = Schema<"TrunkDial">;

const columns: Column<Dial>[] = [
  { name: "Outcome", cell: (d) => <StatusBadge state={d.call_status} />, width: "150px" },
  { name: "Why", cell: whyOf },
  { name: "Ended", cell: (d) => <RelativeTime at={d.ended_at} short />, align: "right", width: "120px" },
];

/** Writes a limit on calls; 0 is none. */
function limitOf(n: number): string {
  return n === 0 ? "No limit" : `${formatNumber(n)} at most`;
}

/** How a trunk does: its last dials one by one, today in numbers, and the ways to its calls and its week. */
export function TrunkRecord({ trunk }: { trunk: Schema<"Trunk"> }) {
  const records = useTrunkRecords();
  const live = useOverview().overview?.live_calls.filter((c) => c.trunk_id === trunk.trunk_id).length;
  const record = records.data?.records.find((r) => r.trunk_id === trunk.trunk_id);
  const calls = `/calls?trunk_id=${encodeURIComponent(trunk.trunk_id)}`;
  const dials = record?.dials ?? [];
  const failed = dials.filter(isTrunkFailure).length;
  const today = record && record.answered + record.not_answered + record.failed;
  return (
    <>
      <Facts
        items={[
          [
            "Live calls",
            <Anchor key="l" component={Link} to={`${calls}&status=live`}>
              {formatNumber(live ?? 0)}
            </Anchor>,
          ],
          [
            "Ended today",
            <Anchor
              key="t"
              component={Link}
              to={`${calls}&status=ended&since=${encodeURIComponent(records.data?.since ?? "")}`}
            >
              {today === undefined ? "–" : formatNumber(today)}
            </Anchor>,
          ],
          ["Answered today", record ? formatPercent(record.answered, today ?? 0) : "–"],
          ["LiveKit trunk", trunk.livekit_trunk_id],
          ["Prefix", trunk.prefix || "–"],
          ["Default DID", trunk.default_did || "–"],
          ["Calls at once", limitOf(trunk.max_concurrent_calls)],
          ["New calls a second", limitOf(trunk.max_calls_per_second)],
        ]}
      />
      <Section
        title="Last dials"
        sentence={
          <span className={classes.record}>
            <Dials dials={dials} />
            {dials.length > 0 && `${failed} of ${count(dials.length, "dial")} failed by the trunk`}
          </span>
        }
        action={
          <span className={classes.record}>
            <Anchor component={Link} size="sm" to={`/reports?trunk_id=${encodeURIComponent(trunk.trunk_id)}`}>
              Report
            </Anchor>
            <Anchor component={Link} size="sm" to={calls}>
              All its calls
            </Anchor>
          </span>
        }
      >
        <DataTable
          label="Last dials"
          columns={columns}
          rows={records.data ? dials : undefined}
          keyOf={(d) => d.call_id}
          hrefOf={(d) => `/calls/${d.call_id}`}
          error={records.error}
          empty={
            <Empty title="Nothing was dialed through it yet">
              A <Link to={`/test-call?trunk_id=${encodeURIComponent(trunk.trunk_id)}`}>test call</Link> through this
              trunk shows whether it works, also while it is not the default.
            </Empty>
          }
        />
      </Section>
    </>
  );
}
