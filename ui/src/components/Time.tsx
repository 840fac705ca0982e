import { formatClock, formatDuration } from "@/format/duration";
import { formatClockTime, formatDayClock, formatExact, formatRelative, formatShort } from "@/format/time";
import { useNow } from "./now";

/** A moment relative to now, the exact one on hover. */
export function RelativeTime({ at, short }: { at: string; short?: boolean }) {
  const now = useNow();
  const moment = new Date(at);
  // A list has fifty of these, and all move once a second: the exact moment is written when somebody points at one.
  return (
    <time
      dateTime={at}
      style={{ whiteSpace: "nowrap" }}
      onPointerEnter={(event) => (event.currentTarget.title = formatExact(moment))}
    >
      {short ? formatShort(moment, now) : formatRelative(moment, now)}
    </time>
  );
}

/** A moment exactly: the clock, with its day and zone when asked for; a dash for one that never came. */
export function ExactTime({ at, day }: { at: string | null; day?: boolean }) {
  if (!at) return "–";
  const moment = new Date(at);
  return (
    <time dateTime={at} title={formatExact(moment)}>
      {day ? formatDayClock(moment) : formatClockTime(moment)}
    </time>
  );
}

/** Whole seconds as "1m 32s"; a dash for none, because "0s" claims a measurement. */
export function Duration({ seconds }: { seconds: number }) {
  return <span style={{ whiteSpace: "nowrap" }}>{seconds > 0 ? formatDuration(seconds) : "–"}</span>;
}

/** A clock that runs since a moment. */
export function RunningClock({ since }: { since: string }) {
  const now = useNow();
  return (
    <span style={{ whiteSpace: "nowrap" }}>{formatClock((now.getTime() - new Date(since).getTime()) / 1000)}</span>
  );
}
