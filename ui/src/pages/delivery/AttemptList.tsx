import type { Schema } from "@/api/client";
import { RelativeTime } from "@/components/Time";
import { formatMillis } from "@/format/duration";
import classes from "./Delivery.module.css";

interface Props {
  attempts: Schema<"Attempt">[];
  chosen: number;
  choose: (index: number) => void;
  next: string | null;
}

/** What came of an attempt in a word. */
export function verdictOf(a: Schema<"Attempt">): string {
  return a.status === null ? a.error_class.replaceAll("_", " ") || "no answer" : String(a.status);
}

/** The attempts of a delivery, the latest first. */
export function AttemptList({ attempts, chosen, choose, next }: Props) {
  return (
    <ol className={classes.list} reversed aria-label="Attempts, the latest first">
      {next && (
        <li className={classes.next}>
          Next: <RelativeTime at={next} />
        </li>
      )}
      {attempts
        .map((a, i) => (
          <li key={`${a.trigger}-${a.n}`}>
            <button
              type="button"
              aria-pressed={i === chosen}
              onClick={() => choose(i)}
              data-failed={a.error_class !== "" || undefined}
            >
              <b>{verdictOf(a)}</b>
              <span>{formatMillis(a.total_ms)}</span>
              <small>{a.trigger === "automatic" ? `attempt ${a.n}` : a.trigger}</small>
              <small>
                <RelativeTime at={a.started_at} short />
              </small>
            </button>
          </li>
        ))
        .toReversed()}
    </ol>
  );
}
