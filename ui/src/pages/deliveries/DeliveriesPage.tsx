import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { ask } from "@/api/ask";
import { type Schema } from "@/api/client";
import type { operations } from "@/api/admin.gen";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import { DataTable, Pager, type Column } from "@/components/DataTable";
import { ChoiceFilter, FilterBar } from "@/components/FilterBar";
import { useFilters, type Filters } from "@/components/filters";
import { useNow } from "@/components/now";
import { Empty, Page } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { TimeRange } from "@/components/TimeRange";
import { count, shortenMiddle } from "@/format/text";
import { outcomes } from "../calls/filters";
import classes from "../calls/Calls.module.css";
import { UnderWay } from "../replays/UnderWay";
import { StateTabs, useCounts } from "./StateTabs";
import own from "./Deliveries.module.css";
import { formatNumber } from "@/format/locale";

type Delivery = Schema<"DeliverySummary">;
type Query = NonNullable<operations["listDeliveries"]["parameters"]["query"]>;

const filterNames = ["state", "since", "until", "call_status", "trunk_id"] as const;
const mostTicked = 1000; // of one replay

/** Every outcome on its way to the CRM, newest first. */
export function DeliveriesPage() {
  const filters = useFilters(filterNames);
  const trunks = useTrunks();
  const may = useMay("operator");
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const text = (name: string) => filters.get(name) ?? undefined;
  const query: Query = {
    state: text("state") as Query["state"],
    since: text("since"),
    until: text("until"),
    call_status: text("call_status") as Query["call_status"],
    trunk_id: text("trunk_id"),
    cursor: filters.cursor,
  };
  // What is ticked belongs to what is shown: another filter shows other rows.
  const shown = filterNames.map((n) => filters.get(n) ?? "").join();
  const [tickedIn, setTickedIn] = useState(shown);
  if (tickedIn !== shown) {
    setTickedIn(shown);
    setTicked(new Set());
  }
  const counts = useCounts(filters);
  const deliveries = useQuery({
    ...ask("/api/admin/deliveries", { query }),
    placeholderData: keepPreviousData,
    refetchInterval: filters.cursor ? false : 5_000,
  });
  return (
    <Page
      title="Deliveries"
      sentence="Each call's outcome on its way to the CRM. None is ever dropped."
      action={may && <Replay filters={filters} ticked={ticked} dead={counts?.dead ?? 0} />}
    >
      <UnderWay />
      <StateTabs filters={filters} counts={counts} />
      <FilterBar filters={filters}>
        <TimeRange filters={filters} />
        <ChoiceFilter filters={filters} name="call_status" label="Outcome" data={outcomes} />
        <ChoiceFilter
          filters={filters}
          name="trunk_id"
          label="Trunk"
          width={130}
          data={(trunks.data ?? []).map((t) => ({ value: t.trunk_id, label: t.label }))}
        />
      </FilterBar>
      <DataTable
        label="Deliveries"
        columns={columns}
        rows={deliveries.data?.deliveries}
        keyOf={(d) => d.event_id}
        hrefOf={(d) => `/deliveries/${d.event_id}`}
        ticks={may ? { chosen: ticked, set: setTicked, nameOf: (d) => `Delivery of case ${d.case_id}` } : undefined}
        error={deliveries.error}
        retry={() => void deliveries.refetch()}
        dimmed={deliveries.isPlaceholderData}
        empty={
          filters.active > 0 ? (
            <Empty
              title="No delivery fits these filters"
              action={
                <Button variant="default" onClick={filters.clear}>
                  Clear the filters
                </Button>
              }
            />
          ) : (
            <Empty title="No deliveries yet">
              When a call ends, its outcome is posted to the CRM's webhook URL. Set that URL in{" "}
              <Link to="/settings">Settings</Link>.
            </Empty>
          )
        }
      />
      <Pager next={deliveries.data?.next_cursor} />
    </Page>
  );
}

/** Leads to a replay of the ticked rows, or of what the filters choose. */
function Replay({ filters, ticked, dead }: { filters: Filters; ticked: ReadonlySet<string>; dead: number }) {
  const icon = <IconRefresh size={16} />;
  if (ticked.size > mostTicked) {
    return (
      <Button leftSection={icon} disabled>
        At most {formatNumber(mostTicked)} can be ticked
      </Button>
    );
  }
  if (ticked.size > 0) {
    return (
      <Button component={Link} leftSection={icon} to="/deliveries/replay" state={{ eventIDs: [...ticked] }}>
        Replay {count(ticked.size, "delivery", "deliveries")}
      </Button>
    );
  }
  const search = new URLSearchParams();
  for (const name of filterNames) if (filters.get(name)) search.set(name, filters.get(name) ?? "");
  const failed = filters.get("state") === "dead" && dead > 0;
  return (
    <Button
      component={Link}
      leftSection={icon}
      variant={failed ? "filled" : "default"}
      to={{ pathname: "/deliveries/replay", search: search.toString() }}
    >
      {failed ? `Replay all ${formatNumber(dead)} that failed${filters.get("since") ? " since" : ""}` : "Replay"}
    </Button>
  );
}

const columns: Column<Delivery>[] = [
  { name: "State", cell: (d) => <StatusBadge state={d.state} />, width: "130px" },
  { name: "Outcome", cell: (d) => d.call_status && <StatusBadge state={d.call_status} quiet />, width: "130px" },
  { name: "Case", cell: (d) => <span className={classes.cut}>{d.case_id}</span>, from: "tablet" },
  {
    name: "Event",
    cell: (d) => <code className={classes.id}>{shortenMiddle(d.event_id, 8, 4)}</code>,
    from: "desktop",
  },
  { name: "Latest answer", cell: (d) => <Latest delivery={d} />, from: "tablet" },
  { name: "Attempts", cell: (d) => d.attempts, align: "right", width: "80px", from: "tablet" },
  { name: "Next", cell: (d) => <Next at={d.next_attempt_at} />, align: "right", width: "110px", from: "tablet" },
  { name: "Created", cell: (d) => <RelativeTime at={d.created_at} short />, align: "right", width: "110px" },
];

/** When the next attempt is due. One that is late says so: "1 min. ago" would read like an attempt that was made. */
function Next({ at }: { at: string | null }) {
  const now = useNow();
  if (!at) return <>–</>;
  return new Date(at) > now ? <RelativeTime at={at} /> : <>due now</>;
}

function Latest({ delivery: d }: { delivery: Delivery }) {
  if (d.attempts === 0) return <span className={classes.why}>not tried yet</span>;
  if (!d.last_error) return <>{d.last_status}</>;
  return <span className={own.error}>{d.last_error}</span>;
}
