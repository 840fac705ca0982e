import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { useNavigate } from "react-router";
import type { Schema } from "@/api/client";
import { CountsTable } from "./CountsTable";
import { callsHref, type Scope } from "./links";
import classes from "./Reports.module.css";
import { locale } from "@/format/locale";

type Day = Schema<"ReportDay">;

const series = [
  { name: "answered", label: "Answered", color: "var(--chart-answered)" },
  { name: "not_answered", label: "Not answered", color: "var(--chart-not-answered)" },
  { name: "failed", label: "Failed", color: "var(--chart-failed)" },
];

const short = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
const long = new Intl.DateTimeFormat(locale, {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const nameOf = (d: Day, format = short) => format.format(new Date(`${d.date}T00:00:00Z`));

/** Outcomes by day: a chart, and the table behind it. */
export function ByDay({ days, scope }: { days: Day[]; scope: Scope }) {
  const navigate = useNavigate();
  const { trunk_id, agent_id } = scope;
  const hrefOf = (d: Day) => callsHref({ since: d.since, until: d.until, trunk_id, agent_id });
  return (
    <>
      <p className={classes.keys}>
        {series.map((s) => (
          <span key={s.name}>
            <i style={{ background: s.color }} /> {s.label}
          </span>
        ))}
      </p>
      <div aria-hidden="true">
        <BarChart
          h={260}
          type="stacked"
          dataKey="day"
          data={days.map((d) => ({ day: nameOf(d), ...d.counts }))}
          series={series}
          withLegend={false}
          gridAxis="x"
          tickLine="none"
          barChartProps={{ accessibilityLayer: false }}
          yAxisProps={{ allowDecimals: false, width: 40, domain: [0, "auto"] }}
          xAxisProps={{ minTickGap: 24 }}
          barProps={{
            isAnimationActive: false,
            maxBarSize: 48,
            cursor: "pointer",
            onClick: (bar) => {
              const day = days.find((d) => nameOf(d) === (bar.payload as { day?: string } | undefined)?.day);
              if (day) void navigate(hrefOf(day));
            },
          }}
        />
      </div>
      <details className={classes.details}>
        <summary>The numbers</summary>
        <CountsTable
          label="By day"
          first="Day"
          rows={days.map((d) => ({ key: d.date, name: nameOf(d, long), counts: d.counts, href: hrefOf(d) }))}
        />
      </details>
    </>
  );
}
