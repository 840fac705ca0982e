import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { ask } from "@/api/ask";
import { type Schema } from "@/api/client";
import type { operations } from "@/api/admin.gen";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import type { Column } from "@/components/DataTable";
import { ChoiceFilter, FilterBar, TextFilter } from "@/components/FilterBar";
import { useFilters, type Filters } from "@/components/filters";
import { List } from "@/components/list/List";
import lists from "@/components/list/List.module.css";
import { useList } from "@/components/list/useList";
import { useNow } from "@/components/now";
import { Empty, Page } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { TimeRange } from "@/components/TimeRange";
import { count, shortenMiddle } from "@/format/text";
import { outcomes } from "../calls/filters";
import classes from "../calls/Calls.module.css";
import { answerChoices } from "./answers";
import { UnderWay } from "../replays/UnderWay";
import { StateTabs, useCounts } from "./StateTabs";
import own from "./Deliveries.module.css";
import { formatNumber } from "@/format/locale";

type Delivery = Schema<"DeliverySummary">;
type Query = NonNullable<operations["listDeliveries"]["parameters"]["query"]>;

const filterNames = ["state", "answer", "search", "since", "until", "call_status", "trunk_id"] as const;
const mostTicked = 1000; // of one replay

/** Every outcome on its way to the CRM, newest first. */
export function DeliveriesPage() {
  const filters = useFilters(filterNames);
  const trunks = useTrunks();
  const may = useMay("operator");
  const [ticked, setTicked] = useTicked(filterNames.map((n) => filters.get(n) ?? "").join());
  const text = (name: string) => filters.get(name) ?? undefined;
  const query: Query = {
    state: text("state") as Query["state"],
    answer: text("answer"),
    search: text("search"),
    since: text("since"),
    until: text("until"),
    call_status: text("call_status") as Query["call_status"],
    trunk_id: text("trunk_id"),
    cursor: filters.cursor,
  };
  const counts = useCounts(filters);
  const answers = useCounts(filters, "answer")?.by_answer ?? [];
  const list = useList(ask("/api/admin/deliveries", { query }), {
    rowsOf: (answer) => answer.deliveries,
    keyOf: (d) => d.event_id,
    cursor: filters.cursor,
    every: 5_000,
    busy: ticked.size > 0,
  });
  return (
    <Page
      title="Deliveries"
      sentence={
        <>
          Each call's outcome on its way to the CRM. None is ever dropped. How the{" "}
          <Link to="/endpoints/default">webhook</Link> does.
        </>
      }
      action={may && ticked.size === 0 && <Replay filters={filters} dead={counts?.by_state.dead ?? 0} />}
    >
      <UnderWay />
      <StateTabs filters={filters} counts={counts} />
      <FilterBar filters={filters}>
        <TimeRange filters={filters} />
        <ChoiceFilter
          filters={filters}
          name="answer"
          label="Latest answer"
          data={answerChoices(answers, filters.get("answer"))}
        />
        <TextFilter filters={filters} name="search" label="Call, event or case" width={180} />
        <ChoiceFilter filters={filters} name="call_status" label="Outcome" data={outcomes} />
        <ChoiceFilter
          filters={filters}
          name="trunk_id"
          label="Trunk"
          width={130}
          data={(trunks.data ?? []).map((t) => ({ value: t.trunk_id, label: t.label }))}
        />
      </FilterBar>
      <List
        label="Deliveries"
        list={list}
        noun={["delivery", "deliveries"]}
        chosen={ticked.size > 0 && <Chosen ticked={ticked} clear={() => setTicked(new Set())} />}
        columns={columns}
        hrefOf={(d) => `/deliveries/${d.event_id}`}
        ticks={may ? { chosen: ticked, set: setTicked, nameOf: (d) => `Delivery of case ${d.case_id}` } : undefined}
        next={list.query.data?.next_cursor}
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
    </Page>
  );
}

/** What is ticked belongs to what is shown: another filter shows other rows. */
function useTicked(shown: string): [ReadonlySet<string>, (ticked: ReadonlySet<string>) => void] {
  const [ticked, setTicked] = useState<{ in: string; keys: ReadonlySet<string> }>({ in: shown, keys: new Set() });
  if (ticked.in !== shown) setTicked({ in: shown, keys: new Set() });
  return [ticked.keys, (keys) => setTicked({ in: shown, keys })];
}

/** What can be done with the ticked rows. */
function Chosen({ ticked, clear }: { ticked: ReadonlySet<string>; clear: () => void }) {
  const tooMany = ticked.size > mostTicked;
  return (
    <span className={lists.chosen}>
      {formatNumber(ticked.size)} chosen{tooMany && `: at most ${formatNumber(mostTicked)} go out together`}
      {!tooMany && (
        <Button
          component={Link}
          size="compact-sm"
          leftSection={<IconRefresh size={14} />}
          to="/deliveries/replay"
          state={{ eventIDs: [...ticked] }}
        >
          Replay {count(ticked.size, "delivery", "deliveries")}
        </Button>
      )}
      <Button size="compact-sm" variant="subtle" color="gray" onClick={clear}>
        Clear selection
      </Button>
    </span>
  );
}

/** Leads to a replay of what the filters choose. */
function Replay({ filters, dead }: { filters: Filters; dead: number }) {
  const search = new URLSearchParams();
  for (const name of filterNames) if (name !== "search" && filters.get(name)) search.set(name, filters.get(name) ?? "");
  const failed = filters.get("state") === "dead" && dead > 0;
  return (
    <Button
      component={Link}
      leftSection={<IconRefresh size={16} />}
      variant={failed ? "filled" : "default"}
      to={{ pathname: "/deliveries/replay", search: search.toString() }}
    >
      {failed ? `Replay all ${formatNumber(dead)} that failed${filters.get("since") ? " since" : ""}` : "Replay"}
    </Button>
  );
}

const columns: Column<Delivery>[] = [
  {
    name: "State",
    cell: (d) => (
      <span className={classes.outcome}>
        <StatusBadge state={d.state} />
        {d.state !== "delivered" && <span className={classes.below}>{d.last_status ?? d.last_error}</span>}
      </span>
    ),
    width: "150px",
  },
  {
    name: "Outcome",
    cell: (d) => (
      <span className={classes.outcome}>
        {d.call_status && <StatusBadge state={d.call_status} quiet />}
        <span className={classes.below}>{d.case_id}</span>
      </span>
    ),
    width: "130px",
  },
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
