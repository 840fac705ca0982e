import { Button, Menu, Skeleton } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { useTrunks } from "@/api/trunks";
import { ChoiceFilter, FilterBar, TextFilter } from "@/components/FilterBar";
import { useFilters } from "@/components/filters";
import { Empty, Page, Section } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { presets } from "@/components/timeRanges";
import { TimeRange } from "@/components/TimeRange";
import { zone } from "@/format/time";
import { ByDay } from "./ByDay";
import { ByReason, CountsTable } from "./CountsTable";
import { HeatMap } from "./HeatMap";
import { callsHref, type Scope } from "./links";
import { Totals } from "./Totals";

const groups = [
  ["day", "By day"],
  ["hour", "By weekday and hour"],
  ["trunk", "By trunk"],
  ["agent", "By agent"],
  ["reason", "By reason and SIP code"],
] as const;

/** Outcomes over time. Each number leads to the calls behind it. */
export function ReportsPage() {
  const filters = useFilters(["since", "until", "trunk_id", "agent_id"]);
  const trunks = useTrunks();
  const scope = useScope(filters.get);
  const report = useQuery({
    ...ask("/api/admin/reports", { query: { ...scope, tz: zone } }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page
      title="Reports"
      sentence={`Outcomes from call records, in ${zone.replace("_", " ")}.`}
      action={<Export scope={scope} />}
    >
      <FilterBar filters={filters}>
        <TimeRange filters={withDefault(filters, scope)} anyTime={false} />
        <ChoiceFilter
          filters={filters}
          name="trunk_id"
          label="Trunk"
          data={(trunks.data ?? []).map((t) => ({ value: t.trunk_id, label: t.label }))}
        />
        <TextFilter filters={filters} name="agent_id" label="Agent" />
      </FilterBar>
      {report.error && <ProblemAlert error={report.error} retry={() => void report.refetch()} />}
      {report.data ? <Loaded report={report.data} scope={scope} /> : !report.error && <Skeleton height={480} />}
    </Page>
  );
}

function Loaded({ report, scope }: { report: Schema<"Report">; scope: Scope }) {
  if (report.totals.calls === 0) {
    return <Empty title="No calls ended in this range">Choose a wider range, or another trunk.</Empty>;
  }
  return (
    <>
      <Totals report={report} scope={scope} />
      <Section title="How did calls end, day by day?">
        <ByDay days={report.days} scope={scope} />
      </Section>
      <Section
        title="When do people answer?"
        sentence="The share of calls that were answered, by weekday and hour. The number is how many calls there were."
      >
        <HeatMap hours={report.hours} scope={scope} />
      </Section>
      <Section title="Why did calls end?">
        <ByReason reasons={report.reasons} total={report.totals.calls} scope={scope} />
      </Section>
      <Section title="Which trunk gets through?">
        <CountsTable
          label="By trunk"
          first="Trunk"
          rows={report.trunks.map((t) => ({
            key: t.trunk_id,
            name: t.label,
            counts: t.counts,
            href: callsHref(scope, { trunk_id: t.trunk_id }),
          }))}
        />
      </Section>
      <Section
        title="Who calls?"
        sentence={report.agents_truncated ? "The 200 agents with the most calls." : undefined}
      >
        <CountsTable
          label="By agent"
          first="Agent"
          rows={report.agents.map((a) => ({
            key: a.agent_id,
            name: a.agent_id,
            counts: a.counts,
            href: callsHref(scope, { agent_id: a.agent_id }),
          }))}
        />
      </Section>
    </>
  );
}

/** The range and the filters; without a range, the last 7 days. It stands still until one of them changes. */
function useScope(get: (name: string) => string | null): Scope {
  const [since, until, trunk, agent] = ["since", "until", "trunk_id", "agent_id"].map(get);
  return useMemo(() => {
    const now = new Date();
    const week = presets.find((p) => p.name === "Last 7 days")?.range(now);
    const tomorrow = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
    return {
      since: since ?? week?.since ?? now.toISOString(),
      until: until ?? tomorrow.toISOString(),
      trunk_id: trunk ?? undefined,
      agent_id: agent ?? undefined,
    };
  }, [since, until, trunk, agent]);
}

function withDefault(filters: ReturnType<typeof useFilters>, scope: Scope): ReturnType<typeof useFilters> {
  return { ...filters, get: (name) => (name === "since" ? scope.since : filters.get(name)) };
}

function Export({ scope }: { scope: Scope }) {
  const href = (group: string) => {
    const params = new URLSearchParams({ since: scope.since, until: scope.until, tz: zone, group });
    if (scope.trunk_id) params.set("trunk_id", scope.trunk_id);
    if (scope.agent_id) params.set("agent_id", scope.agent_id);
    return `/api/admin/reports.csv?${params}`;
  };
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={15} />}>
          Export CSV
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {groups.map(([group, name]) => (
          <Menu.Item key={group} component="a" href={href(group)} download>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
