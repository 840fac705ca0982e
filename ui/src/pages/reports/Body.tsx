import { Skeleton } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ask } from "@/api/ask";
import { Empty, Section } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { rangeLabel } from "@/components/timeRanges";
import { zone } from "@/format/time";
import { ByDay } from "./ByDay";
import { Changes } from "./Changes";
import { ByReason, CountsTable } from "./CountsTable";
import { HeatMap } from "./HeatMap";
import { type Scope, weekHref } from "./links";
import { before } from "./range";
import classes from "./Reports.module.css";
import { Totals } from "./Totals";

interface Props {
  scope: Scope;
  nameOfBefore: string;
  /** What stands where no call ended. */
  empty: ReactNode;
}

/** A report and the one before it. A page about one trunk has no table of trunks, one about an agent none of agents. */
export function Body({ scope, nameOfBefore, empty }: Props) {
  const report = useQuery({
    ...ask("/api/admin/reports", { query: { ...scope, tz: zone } }),
    placeholderData: keepPreviousData,
  });
  const earlier = useQuery(ask("/api/admin/reports", { query: { ...before(scope), tz: zone } }));
  if (report.error) return <ProblemAlert error={report.error} retry={() => void report.refetch()} />;
  const is = report.data;
  if (!is) return <Skeleton height={480} />;
  if (is.totals.calls === 0) return <Empty title="No calls ended in this range">{empty}</Empty>;
  return (
    <>
      <p className={classes.range}>
        {rangeLabel(scope.since, scope.until)}, against {nameOfBefore}.
      </p>
      <Totals report={is} before={earlier.data} scope={scope} />
      {earlier.data && <Changes now={is} before={earlier.data} scope={scope} nameOfBefore={nameOfBefore} />}
      <Section title="How did calls end, day by day?">
        <ByDay days={is.days} scope={scope} />
      </Section>
      <Section
        title="When do people answer?"
        sentence="How many calls of a hundred were answered, by weekday and hour. How many calls that were is shown on hover."
      >
        <HeatMap hours={is.hours} scope={scope} />
      </Section>
      <Section title="Why did calls end?">
        <ByReason reasons={is.reasons} total={is.totals.calls} scope={scope} />
      </Section>
      {!scope.trunk_id && (
        <Section title="Which trunk gets through?" sentence="Each leads to a page of its own, which can be sent.">
          <CountsTable
            label="By trunk"
            first="Trunk"
            rows={is.trunks.map((t) => ({
              key: t.trunk_id,
              name: t.label,
              counts: t.counts,
              href: weekHref("trunks", t.trunk_id, scope),
            }))}
          />
        </Section>
      )}
      {!scope.agent_id && (
        <Section
          title="Who calls?"
          sentence={`Each leads to a page of its own, which can be sent.${is.agents_truncated ? " The 200 agents with the most calls." : ""}`}
        >
          <CountsTable
            label="By agent"
            first="Agent"
            rows={is.agents.map((a) => ({
              key: a.agent_id,
              name: a.agent_id,
              counts: a.counts,
              href: weekHref("agents", a.agent_id, scope),
            }))}
          />
        </Section>
      )}
    </>
  );
}
