import { formatShort } from "@/format/time";
import { locale } from "@/format/locale";

interface Range {
  since: string | null;
  until: string | null;
}

/** The first moment of the day that lies days after at's, in the operator's zone; right across a change of clocks. */
function startOfDay(at: Date, days = 0): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + days);
}

const open = (since: Date): Range => ({ since: since.toISOString(), until: null });

/** The ranges that people ask for by name. */
export const presets: { name: string; range: (now: Date) => Range }[] = [
  { name: "Last hour", range: (now) => open(new Date(now.getTime() - 3_600_000)) },
  { name: "Today", range: (now) => open(startOfDay(now)) },
  {
    name: "Yesterday",
    range: (now) => ({ since: startOfDay(now, -1).toISOString(), until: startOfDay(now).toISOString() }),
  },
  { name: "Last 7 days", range: (now) => open(startOfDay(now, -6)) },
  { name: "Last 30 days", range: (now) => open(startOfDay(now, -29)) },
  { name: "Last 90 days", range: (now) => open(startOfDay(now, -89)) },
];

/** The first moment of a calendar day (2026-11-01) moved by days, as the API takes it. */
export function localDay(day: string, days: number): string {
  const [y = 0, m = 1, d = 1] = day.split("-").map(Number);
  return new Date(y, m - 1, d + days).toISOString();
}

const dayOnly = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const isMidnight = (at: Date) => at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;

/** Writes a range shortly: whole days as days. */
export function rangeLabel(since: string | null, until: string | null, now = new Date()): string {
  const from = since ? new Date(since) : null;
  const to = until ? new Date(until) : null;
  const write = (at: Date) => (isMidnight(at) ? dayOnly.format(at) : formatShort(at, now));
  if (!from && !to) return "Any time";
  if (from && !to) return from.getTime() === startOfDay(now).getTime() ? "Today" : `Since ${write(from)}`;
  if (!to) return "Any time";
  const last = isMidnight(to) ? new Date(to.getFullYear(), to.getMonth(), to.getDate() - 1) : to;
  if (!from) return `Until ${write(last)}`;
  return write(from) === write(last) ? write(from) : `${write(from)} – ${write(last)}`;
}
