import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { pageOf } from "@/app/Health";
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
import { useLive } from "@/live/LiveProvider";
import { LatestCalls } from "./LatestCalls";
import classes from "./Overview.module.css";
import { endedOf, overviewQuery } from "./queries";
import { formatNumber } from "@/format/locale";

type Call = Schema<"CallSummary">;

/** What happens now: today in numbers, the live calls, and what is broken. It moves without reloading. */
export function OverviewPage() {
  const { overview: pushed, line, heardAt } = useLive();
  const first = useQuery({ ...overviewQuery, enabled: pushed === null });
  const overview = pushed ?? first.data;
  return (
    <Page title="Overview" sentence={<Line line={line} heardAt={heardAt} />}>
      <Numbers overview={overview} />
      <div className={classes.columns}>
        <div>
          <LiveCalls overview={overview} error={overview ? null : first.error} />
          <LatestCalls ended={overview && endedOf(overview.today)} />
        </div>
        <aside className={classes.aside}>
          <Deliveries counts={overview?.deliveries} />
          <HealthList health={overview?.health} />
        </aside>
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
  return <>Today in {zone.replace("_", " ")}, as it happens.</>;
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
    name: "For",
    cell: (c) => <RunningClock since={c.answered_at ?? c.connected_at ?? c.created_at} />,
    align: "right",
    width: "70px",
  },
];

function LiveCalls({ overview, error }: { overview: Schema<"Overview"> | undefined; error: Error | null }) {
  const mayHangUp = useMay("operator");
  return (
    <Section title="Live calls" sentence={overview?.live_calls_truncated ? "The newest 200." : undefined}>
      <DataTable
        label="Live calls"
        columns={columns}
        rows={overview?.live_calls}
        keyOf={(c) => c.call_id}
        hrefOf={(c) => `/calls/${c.call_id}`}
        actions={mayHangUp ? (c) => <HangUp call={c} compact /> : undefined}
        error={error}
        skeletons={3}
        empty={
          <div className={classes.quiet}>
            <Empty title="No live calls">
              Calls appear here the moment a CRM opens one. To hear one yourself, make a{" "}
              <Link to="/test-call">test call</Link>.
            </Empty>
          </div>
        }
      />
    </Section>
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
          <Link to="/deliveries?state=dead">Dead</Link>
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
      <StatusBadge state={part.state} quiet={part.state === "ok"} />
      {part.what && (
        <p>
          {part.what} {part.means}
        </p>
      )}
    </li>
  );
}
