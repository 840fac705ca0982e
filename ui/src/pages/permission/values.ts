import type { Schema } from "@/api/client";
import type { Purpose } from "@/components/purposes";
import { isTimeOfDay } from "@/format/week";
import { zone } from "@/format/time";

type Rules = Schema<"PermissionRules">;

/** The rules as the form holds them. Hours stay while they are switched off, so that a slip of the switch loses nothing. */
export interface Values {
  default_purpose: Purpose;
  do_not_call: Purpose[];
  frequency: { per_day: number; per_week: number; purposes: Purpose[] };
  hours_on: boolean;
  hours: Schema<"CallingHours">;
}

/** Reads the server's rules into the form. */
export function valuesOf(r: Rules): Values {
  return {
    default_purpose: r.default_purpose,
    do_not_call: r.do_not_call,
    frequency: r.frequency,
    hours_on: r.calling_hours !== undefined,
    hours: r.calling_hours ?? { zone, open: [], holidays: [], closed_on_holidays: [] },
  };
}

/** Writes the form as the server takes it. */
export function inputOf(v: Values, version: number): Rules {
  return {
    version,
    default_purpose: v.default_purpose,
    do_not_call: v.do_not_call,
    frequency: v.frequency,
    calling_hours: v.hours_on ? { ...v.hours, holidays: v.hours.holidays.toSorted(byDate) } : undefined,
  };
}

const byDate = (a: Schema<"Holiday">, b: Schema<"Holiday">) => a.date.localeCompare(b.date);

/** Says what is wrong with the form, by the path of each field; empty when nothing is. */
export function checkRules(v: Values): Record<string, string> {
  const wrong: Record<string, string> = {};
  const { per_day, per_week } = v.frequency;
  if (per_day > 0 && per_week > 0 && per_week < per_day)
    wrong["frequency.per_week"] = "Not less than the calls in 24 hours";
  if (!v.hours_on) return wrong;
  v.hours.open.forEach((o, i) => {
    const path = `hours.open.${i}`;
    for (const end of ["from", "to"] as const) if (!isTimeOfDay(o[end])) wrong[`${path}.${end}`] = "Such as 09:00";
    if (o.days.length === 0) wrong[`${path}.days`] = "On which days?";
    else if (isTimeOfDay(o.from) && isTimeOfDay(o.to) && o.from >= o.to)
      wrong[`${path}.to`] = "After from. Over midnight it is two entries";
    else if (v.hours.open.some((other, j) => j < i && overlap(o, other)))
      wrong[`${path}.days`] = "Overlaps an entry above";
  });
  v.hours.holidays.forEach((h, i) => {
    if (!isDate(h.date)) wrong[`hours.holidays.${i}.date`] = "A date such as 2027-01-26";
    else if (v.hours.holidays.findIndex((o) => o.date === h.date) < i)
      wrong[`hours.holidays.${i}.date`] = "It stands there twice";
  });
  return wrong;
}

function isDate(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function overlap(a: Schema<"OpenHours">, b: Schema<"OpenHours">): boolean {
  return a.purpose === b.purpose && a.days.some((d) => b.days.includes(d)) && a.from < b.to && b.from < a.to;
}

/** What the rules amount to, one sentence for each of the three: on or off, and for which calls. */
export function summaryOf(v: Values): { hours: string; lists: string; frequency: string } {
  const restricted = [...new Set(v.hours.open.map((o) => o.purpose))];
  const { per_day, per_week, purposes } = v.frequency;
  const limits = [per_day > 0 && `${per_day} in 24 hours`, per_week > 0 && `${per_week} in 7 days`].filter(Boolean);
  return {
    hours:
      v.hours_on && (restricted.length > 0 || v.hours.closed_on_holidays.length > 0)
        ? `On for ${namesOf(restricted.length > 0 ? restricted : v.hours.closed_on_holidays)} calls.`
        : "Off: customers may be called at any time.",
    lists: v.do_not_call.length > 0 ? `On for ${namesOf(v.do_not_call)} calls.` : "Off: the lists refuse no call.",
    frequency:
      limits.length > 0 && purposes.length > 0
        ? `On: at most ${limits.join(" and ")}, for ${namesOf(purposes)} calls.`
        : "Off: a number may be called as often as you like.",
  };
}

function namesOf(some: readonly Purpose[]): string {
  return some.join(" and ").replace(" and ", some.length > 2 ? ", " : " and ");
}
