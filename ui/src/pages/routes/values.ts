import type { Schema } from "@/api/client";
import { zone } from "@/format/time";
import { isTimeOfDay } from "@/format/week";

type Input = Schema<"RouteInput">;

/** A route as its form holds it: numbers may be empty while they are typed, and no hours are no text. */
export interface Values extends Omit<Input, "trunks" | "caller_id"> {
  trunks: { trunk_id: string; priority: number | ""; weight: number | "" }[];
  caller_id: Omit<Input["caller_id"], "days"> & { days: number | "" };
}

/** A route that takes every call, through no trunk yet. */
export function newRoute(): Values {
  return {
    name: "",
    enabled: true,
    match: { number: "", purposes: [], agent_prefix: "", days: [], from: "", to: "", zone },
    trunks: [{ trunk_id: "", priority: 1, weight: 1 }],
    caller_id: { mode: "fixed", dids: [], days: 30 },
  };
}

/** Reads a stored route into the form. */
export function valuesOf(r: Schema<"Route">): Values {
  const allDay = r.match.from === r.match.to;
  return {
    name: r.name,
    enabled: r.enabled,
    match: { ...r.match, ...(allDay ? { from: "", to: "" } : {}), zone: r.match.zone || "UTC" },
    trunks: r.trunks,
    caller_id: { ...r.caller_id, days: r.caller_id.days || 30 },
  };
}

/** Writes the form as the server takes it. Only for values that checkRoute finds nothing in. */
export function inputOf(v: Values): Input {
  const { from, to } = v.match;
  const sticky = v.caller_id.mode === "sticky";
  return {
    name: v.name.trim(),
    enabled: v.enabled,
    match: {
      ...v.match,
      number: v.match.number.trim(),
      agent_prefix: v.match.agent_prefix.trim(),
      from: from || "00:00",
      to: to || (from ? "24:00" : "00:00"),
    },
    trunks: v.trunks.map((t) => ({ ...t, priority: Number(t.priority), weight: Number(t.weight) })),
    caller_id: {
      mode: v.caller_id.mode,
      days: sticky ? Number(v.caller_id.days) : 0,
      dids: v.caller_id.dids.map((d) => ({ ...d, number: international(d.number) })),
    },
  };
}

/** A caller ID without the spaces and brackets that people write. */
export function international(number: string): string {
  return number.replace(/[\s().-]/g, "");
}

/** Whether a caller ID is written with its country's code, or would be without spaces and brackets. */
export const isInternational = (number: string) => /^\+[1-9][0-9]{6,14}$/.test(international(number));

const between = (n: number | "", min: number, max: number) =>
  n === "" || !Number.isInteger(n) || n < min || n > max ? `A whole number from ${min} to ${max}` : null;

/** Says what is wrong with the form, by the path of each field; empty when nothing is. */
export function checkRoute(v: Values): Record<string, string> {
  const wrong: Record<string, string> = {};
  const say = (path: string, what: string | null) => {
    if (what !== null) wrong[path] = what;
  };
  if (v.name.trim() === "") say("name", "Give it a name that operators know");
  const n = v.match.number.trim();
  if (n !== "" && !/^([0-9x]{1,10}\*|[0-9x]{10})$/.test(n))
    say("match.number", "Ten digits or x, or fewer and a * at the end: 98* or 9530xxxxxx");
  for (const end of ["from", "to"] as const)
    if (v.match[end] !== "" && !isTimeOfDay(v.match[end])) say(`match.${end}`, "A time such as 09:00; 24:00 at most");
  if (v.match.from === "" && v.match.to !== "") say("match.from", "From when? 00:00 is the beginning of the day");
  if (v.trunks.length === 0) say("trunks", "A route needs a trunk");
  v.trunks.forEach((t, i) => {
    if (t.trunk_id === "") say(`trunks.${i}.trunk_id`, "Choose a trunk");
    else if (v.trunks.findIndex((o) => o.trunk_id === t.trunk_id) < i)
      say(`trunks.${i}.trunk_id`, "It stands there twice");
    say(`trunks.${i}.priority`, between(t.priority, 0, 1000));
    say(`trunks.${i}.weight`, between(t.weight, 1, 1000));
  });
  v.caller_id.dids.forEach((d, i) => {
    if (!isInternational(d.number)) say(`caller_id.dids.${i}.number`, "International form, such as +919999999999");
  });
  if (v.caller_id.mode === "sticky") say("caller_id.days", between(v.caller_id.days, 1, 365));
  return wrong;
}
