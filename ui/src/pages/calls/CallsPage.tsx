import { Button, Group } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import type { Column } from "@/components/DataTable";
import { List } from "@/components/list/List";
import { useList } from "@/components/list/useList";
import { Views } from "@/components/list/Views";
import { ChoiceFilter, FilterBar, TextFilter } from "@/components/FilterBar";
import { useFilters } from "@/components/filters";
import { Empty, Page } from "@/components/Page";
import { reasons, whyShort } from "@/components/reasons";
import { stateOfCall, StatusBadge } from "@/components/Status";
import { Duration, RelativeTime, RunningClock } from "@/components/Time";
import { TimeRange } from "@/components/TimeRange";
import { useNow } from "@/components/now";
import { MiniTimeline } from "@/timeline/MiniTimeline";
import { count } from "@/format/text";
import { formatNumber } from "@/format/locale";
import { exportURL, filterNames, hours, outcomes, queryOf, readyViews, weekdays, type CallQuery } from "./filters";
import classes from "./Calls.module.css";

type Call = Schema<"CallSummary">;

/** Every call, newest first. */
export function CallsPage() {
  const filters = useFilters(filterNames);
  const query = queryOf(filters.get);
  const list = useList(ask("/api/admin/calls", { query: { ...query, cursor: filters.cursor } }), {
    rowsOf: (answer) => answer.calls,
    keyOf: (c) => c.call_id,
    cursor: filters.cursor,
    every: 5_000,
  });
  return (
    <Page
      title="Calls"
      action={
        <Group gap="xs" justify="flex-end" maw={{ base: 170, xs: "100%" }}>
          <Button
            component="a"
            href={exportURL(query, "xlsx")}
            download
            variant="default"
            leftSection={<IconDownload size={15} />}
          >
            Export Excel
          </Button>
          <Button component="a" href={exportURL(query, "csv")} download variant="default">
            Export CSV
          </Button>
        </Group>
      }
    >
      <Views list="calls" ready={readyViews} names={filterNames} />
      <CallFilters filters={filters} />
      <List
        label="Calls"
        list={list}
        noun={["call", "calls"]}
        total={<Total query={query} />}
        columns={columns}
        hrefOf={(c) => `/calls/${c.call_id}`}
        next={list.query.data?.next_cursor}
        empty={
          filters.active > 0 ? (
            <Empty
              title="No call fits these filters"
              action={
                <Button variant="default" onClick={filters.clear}>
                  Clear the filters
                </Button>
              }
            >
              A wider time range is the usual answer.
            </Empty>
          ) : (
            <Empty
              title="No calls yet"
              action={
                <Button component={Link} to="/test-call">
                  Make a test call
                </Button>
              }
            >
              A call begins when a CRM posts to /click2call. The <Link to="/integration">integration guide</Link> shows
              how; a test call takes the same path.
            </Empty>
          )
        }
      />
    </Page>
  );
}

/** How many calls the filters choose. Counted apart from the page, and not each time: it may take longer than the page. */
function Total({ query }: { query: CallQuery }) {
  const { data } = useQuery({
    ...ask("/api/admin/calls", { query: { ...query, limit: 1, counted: true } }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  if (data?.count === undefined) return null;
  return data.count > mostCounted ? `More than ${formatNumber(mostCounted)} calls` : count(data.count, "call");
}

const mostCounted = 10_000; // see CallPage.count

function CallFilters({ filters }: { filters: ReturnType<typeof useFilters> }) {
  const trunks = useTrunks();
  const wide = useMay("operator");
  return (
    <FilterBar filters={filters}>
      <TimeRange filters={filters} />
      <ChoiceFilter
        filters={filters}
        name="status"
        label="State"
        width={120}
        data={[
          { value: "live", label: "Live" },
          { value: "ended", label: "Ended" },
        ]}
      />
      <ChoiceFilter filters={filters} name="call_status" label="Outcome" data={outcomes} />
      <ChoiceFilter filters={filters} name="reason" label="Reason" width={170} data={reasons} />
      <ChoiceFilter
        filters={filters}
        name="trunk_id"
        label="Trunk"
        width={130}
        data={(trunks.data ?? []).map((t) => ({ value: t.trunk_id, label: t.label }))}
      />
      <TextFilter filters={filters} name="agent_id" label="Agent" width={110} />
      <TextFilter filters={filters} name="case_id" label="Case" width={110} />
      <TextFilter
        filters={filters}
        name="number"
        label="Last digits"
        width={100}
        clean={(t) => t.replace(/\D/g, "").slice(-(wide ? 10 : 4))}
      />
      {filters.get("weekday") && (
        <ChoiceFilter filters={filters} name="weekday" label="Weekday" width={130} data={weekdays} />
      )}
      {filters.get("hour") && <ChoiceFilter filters={filters} name="hour" label="Hour" width={140} data={hours} />}
      {filters.get("sip_code") && (
        <TextFilter
          filters={filters}
          name="sip_code"
          label="SIP code"
          width={90}
          clean={(t) => t.replace(/\D/g, "").slice(0, 3)}
        />
      )}
    </FilterBar>
  );
}

const columns: Column<Call>[] = [
  {
    name: "Outcome",
    width: "140px",
    cell: (c) => (
      <span className={classes.outcome}>
        <StatusBadge state={stateOfCall(c)} />
        <span className={classes.below}>{whyShort(c)}</span>
      </span>
    ),
  },
  { name: "Why", cell: (c) => <span className={classes.why}>{whyShort(c)}</span>, from: "tablet" },
  {
    name: "Customer",
    cell: (c) => (
      <span className={classes.outcome}>
        {c.masked_number}
        <span className={classes.below}>{c.agent_id}</span>
      </span>
    ),
    width: "112px",
  },
  { name: "Agent", cell: (c) => <span className={classes.cut}>{c.agent_id}</span>, from: "tablet" },
  { name: "Case", cell: (c) => <span className={classes.cut}>{c.case_id}</span>, from: "tablet" },
  { name: "Trunk", cell: (c) => <span className={classes.cut}>{c.trunk_label}</span>, from: "desktop" },
  { name: "Timeline", cell: (c) => <Course call={c} />, width: "140px", from: "desktop" },
  { name: "Talk", cell: (c) => <Talk call={c} />, align: "right", width: "80px", from: "tablet" },
  {
    name: "Created",
    cell: (c) => (
      <span className={classes.outcome}>
        <RelativeTime at={c.created_at} short />
        <span className={classes.below}>
          <Talk call={c} />
        </span>
      </span>
    ),
    align: "right",
    width: "110px",
  },
];

/** How long they talked; while a call lives, its clock. */
function Talk({ call: c }: { call: Call }) {
  if (c.status !== "ended" && c.answered_at) return <RunningClock since={c.answered_at} />;
  return <Duration seconds={c.duration_seconds} />;
}

function Course({ call }: { call: Call }) {
  const now = useNow();
  return <MiniTimeline call={call} now={now.getTime()} />;
}
