import { IconTrendingDown, IconTrendingUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { Section } from "@/components/Page";
import { count, formatPercent } from "@/format/text";
import { formatShort, zone } from "@/format/time";
import { changesOf } from "./changes";
import { callsHref, type Scope } from "./links";
import classes from "./Reports.module.css";
import { worstOf } from "./worst";

interface Props {
  now: Schema<"Report">;
  before: Schema<"Report">;
  scope: Scope;
  nameOfBefore: string;
}

const day = 86_400_000;
const stretches = 3;

/** What went another way than before, and when a trunk failed: each leads to its calls. */
export function Changes({ now, before, scope, nameOfBefore }: Props) {
  const changes = changesOf(now, before);
  const worst = useWorst(scope);
  if (before.totals.calls === 0 && worst.length === 0) return null;
  return (
    <Section
      title="What changed most?"
      sentence={`Against ${nameOfBefore}, by how many calls it decided. Below 20 calls, or 5 points, it is left out.`}
    >
      {changes.length + worst.length === 0 && <p>Nothing changed by much.</p>}
      <ul className={classes.changes}>
        {worst.map((w) => (
          <li key={w.trunk_id + w.since.getTime()} data-worse>
            <IconTrendingDown size={18} role="img" aria-label="Worse" />
            <Link
              to={callsHref({
                ...scope,
                since: w.since.toISOString(),
                until: w.until.toISOString(),
                trunk_id: w.trunk_id,
              })}
            >
              Trunk {w.label || w.trunk_id}
            </Link>
            <span>
              {formatShort(w.since, new Date())} to {w.until.getHours()}:00: {formatPercent(w.failed, w.dials)} of{" "}
              {count(w.dials, "dial")} failed
            </span>
            <b>{count(w.failed, "failed dial")}</b>
          </li>
        ))}
        {changes.map((c) => (
          <li key={c.name} data-worse={c.answered < 0 || undefined}>
            {c.answered < 0 ? (
              <IconTrendingDown size={18} role="img" aria-label="Worse" />
            ) : (
              <IconTrendingUp size={18} role="img" aria-label="Better" />
            )}
            <Link to={callsHref(scope, c.filter)}>{c.name}</Link>
            <span>{c.words}</span>
            <b>
              {count(Math.abs(c.answered), "answer")} {c.answered < 0 ? "fewer" : "more"}
            </b>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** When trunks failed, by the hour: the server counts hours for eight days at most. */
function useWorst(scope: Scope) {
  const short = Date.parse(scope.until) - Date.parse(scope.since) <= 8 * day;
  const hours = useQuery({
    ...ask("/api/admin/reports/trunks", {
      query: { since: scope.since, until: scope.until, trunk_id: scope.trunk_id, tz: zone, by: "hour" },
    }),
    enabled: short && !scope.agent_id,
  });
  return worstOf(hours.data?.rows ?? []).slice(0, stretches);
}
