import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { formatMillis } from "@/format/duration";
import { formatClockTime, formatExact } from "@/format/time";
import classes from "./Timeline.module.css";
import { sources } from "./words";

const most = 10;

/** Whether and when the CRM was told: each attempt with its answer, its delay after the call's end, and its time. */
export function Attempts({
  attempts,
  ended,
  delivery,
}: {
  attempts: Schema<"Attempt">[];
  ended: number;
  delivery: string;
}) {
  if (attempts.length === 0) return null;
  const left = Math.max(0, attempts.length - most);
  return (
    <div className={classes.attempts}>
      <span>Webhook</span>
      <ol start={left + 1}>
        {left > 0 && (
          <li>
            <Link to={`/deliveries/${delivery}`}>{left} earlier</Link>
          </li>
        )}
        {attempts.slice(left).map((a, i) => {
          const at = new Date(a.started_at);
          const failed = a.error_class !== "";
          const word = a.status ?? a.error_class.replaceAll("_", " ");
          return (
            <li key={i} data-failed={failed || undefined} title={`${sources[a.trigger]}, ${formatExact(at)}`}>
              <b>
                {failed ? "✕" : "✓"} {word}
              </b>{" "}
              +{formatMillis(Math.max(0, at.getTime() - ended))}, {formatClockTime(at)}
              {a.trigger === "replay" && " (resent)"}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
