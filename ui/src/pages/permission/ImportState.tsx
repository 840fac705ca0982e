import type { Schema } from "@/api/client";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { formatNumber } from "@/format/locale";
import classes from "./Permission.module.css";

/** How a list's latest import goes or went: lines taken, lines left out and the first of them. */
export function ImportState({ latest }: { latest: Schema<"DoNotCallImport"> | undefined }) {
  if (!latest) return <>–</>;
  const { state, taken, refused, faults } = latest;
  return (
    <span className={classes.import}>
      <span>
        {state === "running" && <StatusBadge state="ringing" word="Reading" />}
        {state === "failed" && <StatusBadge state="FAILED" word="Broken off" />} {formatNumber(taken)} taken
        {refused > 0 && `, ${formatNumber(refused)} left out`}
        {state !== "running" && (
          <>
            , <RelativeTime at={latest.updated_at} /> by {latest.started_by}
          </>
        )}
      </span>
      {faults.length > 0 && (
        <details>
          <summary>Why</summary>
          <ul>
            {faults.map((f) => (
              <li key={f}>{f}</li>
            ))}
            {refused > faults.length && <li>And {formatNumber(refused - faults.length)} more.</li>}
          </ul>
        </details>
      )}
    </span>
  );
}
