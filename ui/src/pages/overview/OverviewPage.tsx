import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { isWell, pageOf } from "@/app/Health";
import { useMay } from "@/app/session";
import { DataTable, type Column } from "@/components/DataTable";
import { HangUp } from "@/components/HangUp";
import { useNow } from "@/components/now";
import { Empty, Page, Section } from "@/components/Page";
import { StatusBadge, stateOfCall } from "@/components/Status";
import { RelativeTime, RunningClock } from "@/components/Time";
import { formatDuration } from "@/format/duration";
import { formatPercent } from "@/format/text";
import { zone } from "@/format/time";
import { endedOf, useOverview } from "@/live/overview";
import { Incidents } from "./Incidents";
import { LatestCalls } from "./LatestCalls";
import classes from "./Overview.module.css";
import { formatNumber } from "@/format/locale";

type Call = Schema<"CallSummary">;

// An installation needs it for a day.
const Checklist = lazy(async () => ({ default: (await import("./Checklist")).Checklist }));

// On a bad day there are forty. The newest fit beside what else must be seen; the rest are one click away.
const liveShown = 10;

/** What happens now: what is wrong, today in numbers, the live calls. It moves without reloading. */
export function OverviewPage() {
  const { overview, error, line, heardAt } = useOverview();
  return (
    <Page title="Overview" sentence={<Line line={line} heardAt={heardAt} />}>
      {overview?.setup && (
        <Suspense>
          <Checklist setup={overview.setup} />
        </Suspense>
      )}
      <Incidents health={overview?.health} beingSetUp={Boolean(overview?.setup)} />
      <Numbers overview={overview} />
      <div className={classes.columns}>
        <div className={classes.live}>
          <LiveCalls overview={overview} error={error} />
        </div>
        <aside className={classes.aside}>
          <Deliveries counts={overview?.deliveries} />
          <HealthList health={overview?.health} />
        </aside>
        <div className={classes.latest}>
          <LatestCalls calls={overview?.latest_calls} />
        </div>
      </div>
    </Page>
  );
}

function Line({ line, heardAt }: { line: string; heardAt: number }) {
  const now = useNow();
  if (line === "lost") {
    const age = heardAt ? `, last update ${formatDuration((now.getTime() - heardAt) / 1000)} ago` : "";
    return <span role="status">Reconnecting{age}. Calls go on without this page.</span>;
  }
  return <>Today in {zone.replaceAll("_", " ")}, as it happens.</>;
}

function Numbers({ overview }: { overview: Schema<"Overview"> | undefined }) {
  const today = overview?.today;
  const ended = today ? endedOf(today) : 0;
  const since = today ? `since=${encodeURIComponent(today.since)}` : "";
  const numbers: [tone: string, name: string, value: string | undefined, to: string][] = [
    ["live", "Live now", today && formatNumber(today.live), "/calls?status=live"],
    ["answered", "Answered", today && formatNumber(today.answered), `/calls?call_status=ANSWERED&${since}`],
    [
      "not-answered",
      "Not answered",
      today && formatNumber(today.not_answered),
      `/calls?call_status=NOT_ANSWERED&${since}`,
    ],
    ["failed", "Failed", today && formatNumber(today.failed), `/calls?call_status=FAILED&${since}`],
    ["rate", "Answer rate", today && formatPercent(today.answered, ended), "/reports"],
  ];
  return (
    <ul className={classes.numbers} aria-label="Today">
      {numbers.map(([tone, name, value, to]) => (
        <li key={name} data-tone={tone}>
          <Link to={to}>
            <span className={classes.name}>{name}</span>
            {value === undefined ? (
              <Skeleton height={28} width={52} mt={6} />
            ) : (
              <span className={classes.value}>{value}</span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  );
}

const columns: Column<Call>[] = [
  { name: "State", cell: (c) => <StatusBadge state={stateOfCall(c)} />, width: "150px" },
  { name: "Customer", cell: (c) => c.masked_number, width: "120px" },
  { name: "Agent", cell: (c) => <span className={classes.cut}>{c.agent_id}</span> },
  { name: "Case", cell: (c) => <span className={classes.cut}>{c.case_id}</span>, from: "tablet" },
  { name: "Trunk", cell: (c) => <span className={classes.cut}>{c.trunk_label}</span>, from: "desktop" },
  {
    name: "Duration",
    cell: (c) => <RunningClock since={c.answered_at ?? c.connected_at ?? c.created_at} />,
    align: "right",
    width: "70px",
  },
];

function LiveCalls({ overview, error }: { overview: Schema<"Overview"> | undefined; error: Error | null }) {
  const mayHangUp = useMay("operator");
  const all = overview?.live_calls;
  const hidden = Math.max(0, (overview?.today.live ?? 0) - liveShown);
  return (
    <Section
      title="Live calls"
      sentence={
        all && all.length > liveShown ? <ByTrunk calls={all} truncated={overview.live_calls_truncated} /> : undefined
      }
      action={
        hidden > 0 && (
          <Link to="/calls?status=live" className={classes.all}>
            All {formatNumber(overview?.today.live ?? 0)}
          </Link>
        )
      }
    >
      <DataTable
        label="Live calls"
        columns={columns}
        rows={all?.slice(0, liveShown)}
        keyOf={(c) => c.call_id}
        hrefOf={(c) => `/calls/${c.call_id}`}
        actions={mayHangUp ? (c) => <HangUp call={c} compact /> : undefined}
        error={error}
        skeletons={3}
        empty={
          <Empty title="No live calls">
            Calls appear here the moment a CRM opens one. To hear one yourself, make a{" "}
            <Link to="/test-call">test call</Link>.
          </Empty>
        }
      />
    </Section>
  );
}

/** How the live calls are spread over the trunks: each number leads to them. */
function ByTrunk({ calls, truncated }: { calls: Call[]; truncated: boolean }) {
  const trunks = Map.groupBy(calls, (c) => c.trunk_id);
  return (
    <>
      {truncated && "Of the newest 200: "}
      {[...trunks].map(([id, of], i) => (
        <span key={id}>
          {i > 0 && " · "}
          <Link to={`/calls?status=live&trunk_id=${encodeURIComponent(id)}`} className={classes.all}>
            {of[0]?.trunk_label} {formatNumber(of.length)}
          </Link>
        </span>
      ))}
    </>
  );
}

function Deliveries({ counts }: { counts: Schema<"DeliveryCounts"> | undefined }) {
  return (
    <Section
      title="Deliveries"
      action={
        <Link to="/ledger" className={classes.all}>
          Ledger
        </Link>
      }
    >
      <ul className={classes.list}>
        <li>
          <Link to="/deliveries?state=waiting">Waiting</Link>
          {counts ? <b>{formatNumber(counts.waiting)}</b> : <Skeleton height={14} width={24} />}
        </li>
        <li>
          <Link to="/deliveries?state=dead">Failed for good</Link>
          {counts ? (
            <b data-bad={counts.dead > 0 || undefined}>{formatNumber(counts.dead)}</b>
          ) : (
            <Skeleton height={14} width={24} />
          )}
        </li>
        {counts?.oldest_waiting_at && (
          <li>
            <span>Oldest waiting</span>
            <RelativeTime at={counts.oldest_waiting_at} />
          </li>
        )}
      </ul>
    </Section>
  );
}

function HealthList({ health }: { health: Schema<"SystemHealth"> | undefined }) {
  return (
    <Section title="Health" id="health">
      <ul className={classes.list}>
        {health
          ? health.parts.map((p) => <Part key={p.part + p.id} part={p} />)
          : [1, 2, 3].map((i) => (
              <li key={i}>
                <Skeleton height={14} width="40%" />
                <Skeleton height={14} width={70} />
              </li>
            ))}
      </ul>
    </Section>
  );
}

function Part({ part }: { part: Schema<"HealthPart"> }) {
  const to = pageOf(part);
  return (
    <li>
      {to ? <Link to={to}>{part.name}</Link> : <span>{part.name}</span>}
      <StatusBadge state={part.state} quiet={isWell(part)} />
    </li>
  );
}
