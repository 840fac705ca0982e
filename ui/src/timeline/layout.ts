import type { Schema } from "@/api/client";

type Call = Schema<"CallSummary">;
type Entry = Schema<"TimelineEntry">;
type Attempt = Schema<"Attempt">;

export type StageName = "waiting" | "ringing" | "talking";

/** A stretch of a call. left and width are shares of the band, 0 to 1. */
export interface Stage {
  name: StageName;
  from: number;
  to: number;
  /**
   * Its length in whole seconds: what the server recorded (the CRM is told the same), not what the two moments differ by. While the
   * stage goes on, and for the wait before the dial, which is not recorded, the seconds that are over.
   */
  seconds: number;
  left: number;
  width: number;
  live: boolean;
}

/** A piece of evidence above the band, or a webhook attempt in the box behind it. */
export interface Mark {
  at: number;
  left: number;
  kind: "evidence" | "attempt";
  source: Entry["source"] | Attempt["trigger"];
  name: string;
  detail: string;
  /** It says something that the outcome does not. */
  disagrees: boolean;
  failed: boolean;
}

export interface Layout {
  stages: Stage[];
  evidence: Mark[];
  attempts: Mark[];
  /** Where the call's part of the band ends, 0 to 1; attempts stand to the right of it, in order and not to scale. */
  callEnds: number;
}

/** How much room there is: shares of the band that a stage needs for its words, a mark for its shape, and the webhook's box. */
export interface Room {
  stage: number;
  mark: number;
  delivery: number;
}

export const wide: Room = { stage: 0.12, mark: 0.018, delivery: 0.14 };
export const narrow: Room = { stage: 0.24, mark: 0.055, delivery: 0.17 };

const ms = (at: string) => new Date(at).getTime();

/** Lays a call out on a band from created to ended, or to now while it lives. */
export function layOut(call: Call, entries: Entry[], attempts: Attempt[], now: number, room = wide): Layout {
  const callEnds = attempts.length > 0 ? 1 - room.delivery : 1;
  const stages = stagesOf(call, now, callEnds, room.stage);
  const place = placer(stages, callEnds);
  return {
    stages,
    callEnds,
    evidence: spread(
      entries.map((e) => ({
        at: ms(e.at),
        left: place(ms(e.at)),
        kind: "evidence",
        source: e.source,
        name: e.name,
        detail: e.detail,
        disagrees: disagrees(e, call),
        failed: false,
      })),
      callEnds,
      room.mark,
    ),
    attempts: attempts.map((a, i) => ({
      at: ms(a.started_at),
      left: callEnds + (room.delivery * (i + 1)) / (attempts.length + 1),
      kind: "attempt",
      source: a.trigger,
      name: `attempt ${i + 1}`,
      detail: a.error_class ? a.error || a.error_class : `answered ${a.status ?? "nothing"}`,
      disagrees: false,
      failed: a.error_class !== "",
    })),
  };
}

function stagesOf(call: Call, now: number, share: number, least: number): Stage[] {
  const created = ms(call.created_at);
  const end = Math.max(created, call.ended_at ? ms(call.ended_at) : now);
  const connected = call.connected_at ? ms(call.connected_at) : end;
  const answered = call.answered_at ? ms(call.answered_at) : end;
  const live = call.ended_at === null;
  const raw: { name: StageName; from: number; to: number; recorded?: number; reached: boolean }[] = [
    { name: "waiting", from: created, to: connected, reached: true },
    {
      name: "ringing",
      from: connected,
      to: answered,
      recorded: call.ring_seconds,
      reached: call.connected_at !== null,
    },
    { name: "talking", from: answered, to: end, recorded: call.duration_seconds, reached: call.answered_at !== null },
  ];
  const there = raw.filter((s) => s.reached);
  const total = Math.max(1, end - created);
  const wanted = there.map(({ from, to }) => Math.max(least, (to - from) / total));
  const sum = wanted.reduce((a, b) => a + b, 0);
  let left = 0;
  return there.map(({ name, from, to, recorded }, i) => {
    const width = ((wanted[i] ?? 0) / sum) * share;
    const over = Math.max(0, Math.floor((to - from) / 1000));
    const seconds = live || recorded === undefined ? over : recorded;
    const stage = { name, from, to, seconds, left, width, live: live && i === there.length - 1 };
    left += width;
    return stage;
  });
}

function placer(stages: Stage[], share: number): (at: number) => number {
  return (at) => {
    const stage = stages.find((s) => at < s.to) ?? stages.at(-1);
    if (!stage || at <= stage.from) return stage?.left ?? 0;
    if (at >= stage.to) return share;
    return stage.left + (stage.width * (at - stage.from)) / (stage.to - stage.from);
  };
}

/** Puts marks into one row, in order and none over another: those at one place move aside by as little as it takes. */
function spread(marks: Mark[], share: number, gap: number): Mark[] {
  const sorted = marks.toSorted((a, b) => a.at - b.at);
  const apart = Math.min(gap, share / Math.max(1, sorted.length));
  let least = apart / 2;
  for (const mark of sorted) {
    mark.left = Math.max(mark.left, least);
    least = mark.left + apart;
  }
  let most = share - apart / 2;
  for (const mark of sorted.toReversed()) {
    mark.left = Math.min(mark.left, most);
    most = mark.left - apart;
  }
  return sorted;
}

/** Whether a piece of evidence says something that the outcome does not: it was outranked. */
export function disagrees(e: Entry, call: Pick<Call, "call_status">): boolean {
  if (call.call_status === null) return false;
  const saysAnswered =
    (e.name === "status" && e.detail === "ANSWERED") ||
    (e.name === "customer_left" && /sip\.callStatus (active|hangup)/.test(e.detail));
  return saysAnswered && call.call_status !== "ANSWERED";
}
