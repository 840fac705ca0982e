import type { Schema } from "@/api/client";
import { wordsOf } from "@/components/reasons";
import { capital, formatPercent } from "@/format/text";
import { weekdays } from "./weekdays";

type Report = Schema<"Report">;
type Counts = Schema<"OutcomeCounts">;

/** Something that went another way than before. */
export interface Change {
  name: string;
  /** What it is and what it was. */
  words: string;
  /** How many calls more (or, negative, fewer) were answered than at the rate before. */
  answered: number;
  /** What its calls are filtered by. */
  filter: Record<string, string>;
}

const shown = 5;
// Fewer calls say nothing, and smaller differences come by chance.
const enoughCalls = 20;
const enoughDifference = 0.05;
const enoughShare = 0.02;

/** What changed most, by how many calls it decided: trunks, agents, hours of the week, and reasons. */
export function changesOf(now: Report, before: Report): Change[] {
  const found = [...byTrunk(now, before), ...byAgent(now, before), ...byHour(now, before), ...byReason(now, before)];
  return found.sort((a, b) => Math.abs(b.answered) - Math.abs(a.answered)).slice(0, shown);
}

function byTrunk(now: Report, before: Report): Change[] {
  const was = new Map(before.trunks.map((t) => [t.trunk_id, t.counts]));
  return now.trunks.flatMap((t) =>
    rateChange(`Trunk ${t.label}`, t.counts, was.get(t.trunk_id), { trunk_id: t.trunk_id }),
  );
}

function byAgent(now: Report, before: Report): Change[] {
  const was = new Map(before.agents.map((a) => [a.agent_id, a.counts]));
  return now.agents.flatMap((a) =>
    rateChange(`Agent ${a.agent_id}`, a.counts, was.get(a.agent_id), { agent_id: a.agent_id }),
  );
}

function byHour(now: Report, before: Report): Change[] {
  const was = new Map(before.hours.map((h) => [`${h.weekday}-${h.hour}`, h.counts]));
  return now.hours.flatMap((h) =>
    rateChange(
      `${weekdays[h.weekday - 1] ?? ""} ${h.hour}:00 to ${h.hour + 1}:00`,
      h.counts,
      was.get(`${h.weekday}-${h.hour}`),
      { weekday: String(h.weekday), hour: String(h.hour), tz: now.tz },
    ),
  );
}

function rateChange(name: string, now: Counts, before: Counts | undefined, filter: Change["filter"]): Change[] {
  if (!before || now.calls < enoughCalls || before.calls < enoughCalls) return [];
  const difference = now.answered / now.calls - before.answered / before.calls;
  if (Math.abs(difference) < enoughDifference) return [];
  const words = `${formatPercent(now.answered, now.calls)} answered, ${formatPercent(before.answered, before.calls)} before`;
  return [{ name, words, answered: Math.round(difference * now.calls), filter }];
}

/** A reason other than an answer: when its share grows, so many fewer calls are answered. */
function byReason(now: Report, before: Report): Change[] {
  const sum = (r: Report) => {
    const calls = new Map<string, number>();
    for (const { call_status, disconnect_reason: reason, calls: n } of r.reasons) {
      if (call_status !== "ANSWERED") calls.set(reason, (calls.get(reason) ?? 0) + n);
    }
    return calls;
  };
  const [is, was] = [sum(now), sum(before)];
  if (now.totals.calls < enoughCalls || before.totals.calls < enoughCalls) return [];
  return [...new Set([...is.keys(), ...was.keys()])].flatMap((reason): Change[] => {
    const [n, b] = [is.get(reason) ?? 0, was.get(reason) ?? 0];
    const difference = n / now.totals.calls - b / before.totals.calls;
    if (Math.abs(difference) < enoughShare) return [];
    const words = `${formatPercent(n, now.totals.calls)} of calls, ${formatPercent(b, before.totals.calls)} before`;
    return [
      {
        name: capital(wordsOf(reason)),
        words,
        answered: -Math.round(difference * now.totals.calls),
        filter: { reason },
      },
    ];
  });
}
