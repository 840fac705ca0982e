import { Button, Menu, SegmentedControl } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { Link } from "react-router";
import { useTrunks } from "@/api/trunks";
import { path } from "@/app/base";
import { ChoiceFilter, FilterBar, TextFilter } from "@/components/FilterBar";
import { type Filters, useFilters } from "@/components/filters";
import { Page } from "@/components/Page";
import { TimeRange } from "@/components/TimeRange";
import { zone } from "@/format/time";
import { Body } from "./Body";
import type { Scope } from "./links";
import { ranges } from "./range";
import { useScope } from "./useScope";

const groups = [
  ["day", "By day"],
  ["hour", "By weekday and hour"],
  ["trunk", "By trunk"],
  ["agent", "By agent"],
  ["reason", "By reason and SIP code"],
] as const;

/** Outcomes over time: last week against the week before, unless another time is asked for. Each number leads to the calls behind it. */
export function ReportsPage() {
  const filters = useFilters(["since", "until", "range", "trunk_id", "agent_id"]);
  const trunks = useTrunks();
  const { scope, range, nameOfBefore } = useScope(filters.get);
  return (
    <Page
      title="Reports"
      sentence={`Outcomes from call records. Filter by date range and trunk. Days are those of ${zone.replace("_", " ")}.`}
      action={<Export scope={scope} />}
    >
      <FilterBar filters={filters}>
        <Range filters={filters} range={range} scope={scope} />
        <ChoiceFilter
          filters={filters}
          name="trunk_id"
          label="Trunk"
          data={(trunks.data ?? []).map((t) => ({ value: t.trunk_id, label: t.label }))}
        />
        <TextFilter filters={filters} name="agent_id" label="Agent" />
      </FilterBar>
      <Body
        scope={scope}
        nameOfBefore={nameOfBefore}
        empty={
          <>
            Choose another range, or see <Link to="/reports?range=7d">the last 7 days</Link>, which has today's.
          </>
        }
      />
    </Page>
  );
}

/** The named ranges, and the calendar for any other. */
export function Range({ filters, range, scope }: { filters: Filters; range: string | null; scope: Scope }) {
  const chosen: Filters = {
    ...filters,
    get: (name) => (range ? null : name === "since" || name === "until" ? scope[name] : filters.get(name)),
    set: (changes) => filters.set({ ...changes, range: null }),
  };
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Range"
        data={ranges.map((r) => ({ ...r }))}
        value={range ?? ""}
        onChange={(value) => filters.set({ range: value, since: null, until: null })}
      />
      <TimeRange filters={chosen} anyTime={false} unset="Other days" />
    </>
  );
}

function Export({ scope }: { scope: Scope }) {
  const href = (group: string) => {
    const params = new URLSearchParams({ since: scope.since, until: scope.until, tz: zone, group });
    if (scope.trunk_id) params.set("trunk_id", scope.trunk_id);
    if (scope.agent_id) params.set("agent_id", scope.agent_id);
    return `${path}/api/admin/reports.csv?${params}`;
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
