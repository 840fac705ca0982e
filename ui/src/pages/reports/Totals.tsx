import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { formatDuration } from "@/format/duration";
import { formatPercent } from "@/format/text";
import { callsHref, type Scope } from "./links";
import classes from "./Reports.module.css";
import { formatNumber } from "@/format/locale";

/** The range in a line of numbers. */
export function Totals({ report, scope }: { report: Schema<"Report">; scope: Scope }) {
  const { totals: t, post_dial_delay: p } = report;
  const seconds = (s: number | null) => (s === null ? "–" : formatDuration(s));
  const numbers: [name: string, value: string, href: string | null, note?: string][] = [
    ["Calls", formatNumber(t.calls), callsHref(scope)],
    ["Answered", formatNumber(t.answered), callsHref(scope, { call_status: "ANSWERED" })],
    ["Not answered", formatNumber(t.not_answered), callsHref(scope, { call_status: "NOT_ANSWERED" })],
    ["Failed", formatNumber(t.failed), callsHref(scope, { call_status: "FAILED" })],
    ["Answer rate", formatPercent(t.answered, t.calls), null],
    ["Average talk", seconds(t.average_talk_seconds), null],
    [
      "Dial to answer",
      seconds(p.p50_seconds),
      null,
      p.p95_seconds === null ? undefined : `95% within ${formatDuration(p.p95_seconds)}`,
    ],
  ];
  return (
    <dl className={classes.totals}>
      {numbers.map(([name, value, href, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {href ? <Link to={href}>{value}</Link> : value}
            {note && <small>{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
