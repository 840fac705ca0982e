import type { Schema } from "@/api/client";
import classes from "./Replays.module.css";

/** How far a replay is, to scale: taken, failed, skipped, left. */
export function ReplayBar({ replay: r, small }: { replay: Schema<"Replay">; small?: boolean }) {
  const parts: [tone: string, n: number][] = [
    ["succeeded", r.succeeded],
    ["failed", r.failed],
    ["skipped", r.skipped],
  ];
  const gone = r.total - r.left;
  return (
    <div
      className={classes.bar}
      data-small={small || undefined}
      role="progressbar"
      aria-label="Progress"
      aria-valuemin={0}
      aria-valuemax={Math.max(1, r.total)}
      aria-valuenow={gone}
      aria-valuetext={`${gone} of ${r.total}`}
    >
      {parts.map(
        ([tone, n]) =>
          n > 0 && <span key={tone} data-tone={tone} style={{ width: `${(100 * n) / Math.max(1, r.total)}%` }} />,
      )}
    </div>
  );
}
