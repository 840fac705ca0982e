import type { Scope } from "./links";

/** The ranges that the report has names for; the name stays in the address, so that a link means the same next Monday. */
export const ranges = [
  { value: "last_week", label: "Last week" },
  { value: "7d", label: "Last 7 days" },
  { value: "30d", label: "Last 30 days" },
] as const;

type Range = (typeof ranges)[number]["value"];

const startOfDay = (at: Date, days = 0) => new Date(at.getFullYear(), at.getMonth(), at.getDate() + days);

function isRange(name: string | null): name is Range {
  return ranges.some((r) => r.value === name);
}

/** What the address asks for: chosen days, or else a named range; without either, last week. */
export function rangeOf(
  get: (name: string) => string | null,
  now: Date,
): { name: Range | null; since: string; until: string } {
  const since = get("since");
  const tomorrow = startOfDay(now, 1).toISOString();
  if (since) return { name: null, since, until: get("until") ?? tomorrow };
  const asked = get("range");
  const name = isRange(asked) ? asked : "last_week";
  if (name === "last_week") {
    const monday = startOfDay(now, -((now.getDay() + 6) % 7));
    return { name, since: startOfDay(monday, -7).toISOString(), until: monday.toISOString() };
  }
  return { name, since: startOfDay(now, name === "7d" ? -6 : -29).toISOString(), until: tomorrow };
}

/** As many days before a range as it has itself; days, not hours, where clocks change. */
export function before(scope: Scope): Scope {
  const since = new Date(scope.since);
  const days = Math.max(1, Math.round((Date.parse(scope.until) - since.getTime()) / 86_400_000));
  const earlier = new Date(since);
  earlier.setDate(earlier.getDate() - days);
  return { ...scope, since: earlier.toISOString(), until: scope.since };
}

/** How the time before is called. */
export function nameOfBefore(name: Range | null): string {
  return name === "last_week" ? "the week before" : "the time before";
}
