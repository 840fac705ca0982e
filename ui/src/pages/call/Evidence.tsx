import { Text } from "@mantine/core";
import type { Schema } from "@/api/client";
import { formatMillis } from "@/format/duration";
import { formatExact } from "@/format/time";
import { disagrees } from "@/timeline/layout";
import { Shape } from "@/timeline/Shape";
import { nameOf, sources } from "@/timeline/words";
import classes from "./Evidence.module.css";

/** What was learned of a call, in order: when, what, and who says so. */
export function Evidence({ entries, call }: { entries: Schema<"TimelineEntry">[]; call: Schema<"CallSummary"> }) {
  const start = new Date(call.created_at).getTime();
  if (entries.length === 0) {
    return (
      <Text c="dimmed" size="sm">
        {call.status === "ended"
          ? "Nothing was recorded before the end."
          : "The evidence is written when the call ends; Temporal Web shows it while it lives."}
      </Text>
    );
  }
  return (
    <ol className={classes.list}>
      {entries.map((e, i) => (
        <li key={i} data-disagrees={disagrees(e, call) || undefined}>
          <time dateTime={e.at} title={formatExact(new Date(e.at))}>
            +{formatMillis(Math.max(0, new Date(e.at).getTime() - start))}
          </time>
          <span className={classes.source}>
            <Shape source={e.source} /> {sources[e.source]}
          </span>
          <span>
            {nameOf(e)}
            {e.detail && <code>{e.detail}</code>}
            {disagrees(e, call) && <em>outranked</em>}
          </span>
        </li>
      ))}
    </ol>
  );
}
