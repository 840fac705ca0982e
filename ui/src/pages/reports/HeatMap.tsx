import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { count, formatPercent } from "@/format/text";
import { zone } from "@/format/time";
import { callsHref, type Scope } from "./links";
import { weekdays } from "./weekdays";
import classes from "./Reports.module.css";

const allHours = Array.from({ length: 24 }, (_, h) => h);

/** The answer rate by weekday and hour, as a table whose cells are tinted. Each cell leads to its calls. */
export function HeatMap({ hours, scope }: { hours: Schema<"ReportHour">[]; scope: Scope }) {
  const cells = new Map(hours.map((h) => [`${h.weekday}-${h.hour}`, h.counts]));
  const used = hours.map((h) => h.hour);
  const shown = allHours.filter((h) => h >= Math.min(8, ...used) && h <= Math.max(19, ...used));
  return (
    <div className={classes.scroll} role="region" aria-label="Answer rate by weekday and hour">
      <table className={classes.heat}>
        <thead>
          <tr>
            <th scope="col">
              <span className={classes.hidden}>Weekday</span>
            </th>
            {shown.map((h) => (
              <th key={h} scope="col">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weekdays.map((day, i) => (
            <tr key={day}>
              <th scope="row">{day}</th>
              {shown.map((h) => (
                <Cell
                  key={h}
                  counts={cells.get(`${i + 1}-${h}`)}
                  where={`${day} ${h}:00`}
                  href={callsHref(scope, { weekday: String(i + 1), hour: String(h), tz: zone })}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classes.scale}>
        0% answered <i /> 100%
      </p>
    </div>
  );
}

function Cell({ counts, where, href }: { counts: Schema<"OutcomeCounts"> | undefined; where: string; href: string }) {
  if (!counts) return <td data-none />;
  const rate = counts.calls === 0 ? 0 : counts.answered / counts.calls;
  const words = `${where}: ${formatPercent(counts.answered, counts.calls)} of ${count(counts.calls, "call")} answered`;
  return (
    <td
      title={words}
      style={{ background: `color-mix(in srgb, var(--heat) ${Math.round(8 + rate * 92)}%, var(--surface))` }}
    >
      <Link to={href}>
        {Math.round(100 * rate)}
        <span className={classes.hidden}>% of {count(counts.calls, "call")} answered</span>
      </Link>
    </td>
  );
}
