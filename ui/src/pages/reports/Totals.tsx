import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { formatDuration } from "@/format/duration";
import { formatPercent } from "@/format/text";
import { callsHref, type Scope } from "./links";
import classes from "./Reports.module.css";
import { formatNumber } from "@/format/locale";

interface Props {
  report: Schema<"Report">;
  /** The time before; undefined until it is known. */
  before: Schema<"Report"> | undefined;
  scope: Scope;
}

/** A number of the report, and the same of the time before. */
interface Total {
  name: string;
  value: string;
  href?: string;
  /** By how much it changed; empty when nothing was before. */
  change: string;
  /** Undefined where more is neither good nor bad. */
  better?: boolean;
}

/** The range in a line of numbers, each with what it was before. */
export function Totals({ report, before, scope }: Props) {
  const { totals: t, post_dial_delay: p } = report;
  const was = before && before.totals.calls > 0 ? before : undefined;
  const seconds = (s: number | null) => (s === null ? "–" : formatDuration(s));
  const rates = was && rateChange(t, was.totals);
  const numbers: Total[] = [
    { name: "Calls", value: formatNumber(t.calls), href: callsHref(scope), change: share(t.calls, was?.totals.calls) },
    {
      name: "Answered",
      value: formatNumber(t.answered),
      href: callsHref(scope, { call_status: "ANSWERED" }),
      change: share(t.answered, was?.totals.answered),
    },
    {
      name: "Not answered",
      value: formatNumber(t.not_answered),
      href: callsHref(scope, { call_status: "NOT_ANSWERED" }),
      change: share(t.not_answered, was?.totals.not_answered),
    },
    {
      name: "Failed",
      value: formatNumber(t.failed),
      href: callsHref(scope, { call_status: "FAILED" }),
      change: share(t.failed, was?.totals.failed),
      better: was && t.failed !== was.totals.failed ? t.failed < was.totals.failed : undefined,
    },
    {
      name: "Answer rate",
      value: formatPercent(t.answered, t.calls),
      change: rates?.words ?? "",
      better: rates?.better,
    },
    {
      name: "Average talk",
      value: seconds(t.average_talk_seconds),
      change:
        was && was.totals.average_talk_seconds !== null ? `${seconds(was.totals.average_talk_seconds)} before` : "",
    },
    {
      name: "Dial to answer",
      value: seconds(p.p50_seconds),
      change: p.p95_seconds === null ? "" : `95% within ${formatDuration(p.p95_seconds)}`,
    },
  ];
  return (
    <dl className={classes.totals}>
      {numbers.map(({ name, value, href, change, better }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {href ? <Link to={href}>{value}</Link> : value}
            {change && <small data-better={better}>{change}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** How many more or fewer, as a share of what was: "+12%". */
function share(is: number, was: number | undefined): string {
  if (was === undefined) return "";
  if (was === 0) return is === 0 ? "as before" : "none before";
  const percent = Math.round((100 * (is - was)) / was);
  return percent === 0 ? "as before" : `${percent > 0 ? "+" : "−"}${formatNumber(Math.abs(percent))}%`;
}

/** A rate changes by points. */
function rateChange(is: Schema<"OutcomeCounts">, was: Schema<"OutcomeCounts">): { words: string; better?: boolean } {
  const points = Math.round((100 * is.answered) / Math.max(1, is.calls) - (100 * was.answered) / was.calls);
  if (points === 0) return { words: "as before" };
  return { words: `${points > 0 ? "+" : "−"}${Math.abs(points)} points`, better: points > 0 };
}
