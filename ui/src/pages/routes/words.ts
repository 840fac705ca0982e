import type { Schema } from "@/api/client";
import { purposesWords } from "@/components/purposes";
import { capital, count } from "@/format/text";
import { daysWords } from "@/format/week";

type Match = Schema<"RouteMatch">;
type RouteTrunk = Schema<"RouteTrunk">;
type Trunk = Schema<"Trunk">;

/** The conditions of a route in words, each for itself; empty when it takes every call. */
export function conditionsOf(m: Match): string[] {
  const hours = m.from !== m.to ? `${m.from}–${m.to}` : "";
  const when = [m.days.length > 0 ? daysWords(m.days) : "", hours].filter((w) => w !== "" && w !== "every day");
  return [
    m.number && `numbers ${m.number}`,
    m.purposes.length > 0 && purposesWords(m.purposes) !== "all calls" && purposesWords(m.purposes),
    m.agent_prefix && `agents ${m.agent_prefix}…`,
    when.length > 0 && `${when.join(" ")} in ${m.zone || "UTC"}`,
  ].filter((w): w is string => typeof w === "string" && w !== "");
}

/** Which calls a route takes: "Every call", or its conditions. */
export function matchWords(m: Match): string {
  const all = conditionsOf(m);
  return all.length === 0 ? "Every call" : capital(all.join(", "));
}

/** The trunks of one priority, with the share of the calls that each is tried with first. */
export interface Tier {
  priority: number;
  trunks: { trunk_id: string; share: number }[];
}

/** A route's trunks in the order in which they are tried: by priority, with their shares among equals. */
export function tiersOf(trunks: readonly RouteTrunk[]): Tier[] {
  const priorities = [...new Set(trunks.map((t) => t.priority))].toSorted((a, b) => a - b);
  return priorities.map((priority) => {
    const equals = trunks.filter((t) => t.priority === priority);
    const total = equals.reduce((sum, t) => sum + t.weight, 0);
    return { priority, trunks: equals.map((t) => ({ trunk_id: t.trunk_id, share: t.weight / (total || 1) })) };
  });
}

/** Through what a route sends its calls: "Mumbai 70%, Delhi 30%; then Pune backup". */
export function trunksWords(trunks: readonly RouteTrunk[], labelOf: (trunkID: string) => string): string {
  return tiersOf(trunks)
    .map((tier) =>
      tier.trunks
        .map((t) => labelOf(t.trunk_id) + (tier.trunks.length > 1 ? ` ${Math.round(t.share * 100)}%` : ""))
        .join(", "),
    )
    .join("; then ");
}

/** As whom a route's calls show: "the trunk's default", "+91…", "3 numbers in turn". */
export function callerIDWords({ mode, dids, days }: Schema<"CallerIDRule">): string {
  const first = dids[0];
  if (!first) return "the trunk's default";
  if (mode === "fixed" || dids.length === 1) return first.number;
  if (mode === "round_robin") return `${dids.length} numbers in turn`;
  return `${dids.length} numbers, the same to a customer for ${count(days, "day")}`;
}

/** How calls leave that no route takes: by the default trunk, then by the others, three in all. */
export function fallbackWords(trunks: readonly Trunk[]): string {
  const enabled = trunks.filter((t) => t.enabled);
  const order = [...enabled.filter((t) => t.default), ...enabled.filter((t) => !t.default)].slice(0, 3);
  const [first, ...others] = order.map((t) => t.label);
  if (!first) return "are refused with no_trunk: no trunk is enabled";
  const then = others.length > 0 ? `, then by ${others.join(", then by ")}` : "";
  return `leave by ${first}${order[0]?.default ? ", the default" : ""}${then}`;
}

/** The numbering series that a caller ID may belong to. */
export const seriesChoices: { value: Schema<"RouteDID">["series"]; label: string }[] = [
  { value: "standard", label: "Standard" },
  { value: "1600", label: "1600 (service)" },
  { value: "140", label: "140 (promotion)" },
];

/** A series in words. */
export const seriesWords = (series: string) => seriesChoices.find((c) => c.value === series)?.label ?? series;
