import type { Schema } from "@/api/client";
import { formatDuration } from "@/format/duration";
import { layOut } from "./layout";
import classes from "./Timeline.module.css";

/** The band of a call, small, for lists. */
export function MiniTimeline({ call, now }: { call: Schema<"CallSummary">; now: number }) {
  const { stages } = layOut(call, [], [], now);
  const words = stages.map((s) => `${s.name} ${formatDuration(s.seconds)}`).join(", ");
  return (
    <span className={classes.mini} role="img" aria-label={words} title={words}>
      {stages.map((s) => (
        <span key={s.name} data-stage={s.name} style={{ left: `${s.left * 100}%`, width: `${s.width * 100}%` }} />
      ))}
    </span>
  );
}
