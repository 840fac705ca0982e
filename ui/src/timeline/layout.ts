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
  left: number;
  width: number;
  live: boolean;
}

/** A piece of evidence above the band, or a webhook attempt below it. */
export interface Mark {
  at: number;
  left: number;
  /** How many marks already stand at this place: it goes that much higher. */
  level: number;
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

// A stage that lasted a blink must still be seen and pointed at.
const narrowest = 0.07;
const deliveryShare = 0.14;
const tooClose = 0.018;
const highestLevel = 4;

const ms = (at: string) => new Date(at).getTime();

/** Lays a call out on a band from created to ended, or to now while it lives. */
export function layOut(call: Call, entries: Entry[], attempts: Attempt[], now: number): Layout {
  const callEnds = attempts.length > 0 ? 1 - deliveryShare : 1;
  const stages = stagesOf(call, now, callEnds);
  const place = placer(stages, callEnds);
  return {
    stages,
    callEnds,
    evidence: stack(
      entries.map((e) => ({
        at: ms(e.at),
        left: place(ms(e.at)),
        level: 0,
        kind: "evidence",
        source: e.source,
        name: e.name,
        detail: e.detail,
        disagrees: disagrees(e, call),
        failed: false,
      })),
    ),
    attempts: attempts.map((a, i) => ({
      at: ms(a.started_at),
      left: callEnds + (deliveryShare * (i + 1)) / (attempts.length + 1),
      level: 0,
      kind: "attempt",
      source: a.trigger,
      name: `attempt ${i + 1}`,
      detail: a.error_class ? a.error || a.error_class : `answered ${a.status ?? "nothing"}`,
      disagrees: false,
      failed: a.error_class !== "",
    })),
  };
}

function stagesOf(call: Call, now: number, share: number): Stage[] {
  const created = ms(call.created_at);
  const end = Math.max(created, call.ended_at ? ms(call.ended_at) : now);
  const connected = call.connected_at ? ms(call.connected_at) : end;
  const answered = call.answered_at ? ms(call.answered_at) : end;
  const live = call.ended_at === null;
  const raw: [StageName, number, number][] = [
    ["waiting", created, connected],
    ["ringing", connected, answered],
    ["talking", answered, end],
  ];
  const reached: Record<StageName, boolean> = {
    waiting: true,
    ringing: call.connected_at !== null,
    talking: call.answered_at !== null,
  };
  const there = raw.filter(([name]) => reached[name]);
  const total = Math.max(1, end - created);
  const wanted = there.map(([, from, to]) => Math.max(narrowest, (to - from) / total));
  const sum = wanted.reduce((a, b) => a + b, 0);
  let left = 0;
  return there.map(([name, from, to], i) => {
    const width = ((wanted[i] ?? 0) / sum) * share;
    const stage = { name, from, to, left, width, live: live && i === there.length - 1 };
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

function stack(marks: Mark[]): Mark[] {
  const sorted = marks.toSorted((a, b) => a.at - b.at);
  for (const [i, mark] of sorted.entries()) {
    const taken = new Set(
      sorted
        .slice(0, i)
        .filter((m) => mark.left - m.left < tooClose)
        .map((m) => m.level),
    );
    while (taken.has(mark.level) && mark.level < highestLevel) mark.level++;
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
