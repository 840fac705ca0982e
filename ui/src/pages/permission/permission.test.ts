import { describe, expect, it } from "vitest";
import type { Schema } from "@/api/client";
import { checkRules, inputOf, summaryOf, valuesOf, type Values } from "./values";
import { verdictOf } from "./words";

const stored: Schema<"PermissionRules"> = {
  version: 4,
  default_purpose: "service",
  do_not_call: ["promotional"],
  frequency: { per_day: 3, per_week: 7, purposes: ["transactional", "promotional"] },
  calling_hours: {
    zone: "Asia/Kolkata",
    open: [{ purpose: "promotional", days: [1, 2], from: "09:00", to: "24:00" }],
    holidays: [{ date: "2027-01-26", name: "Republic Day" }],
    closed_on_holidays: ["promotional"],
  },
};

const values = (change: (v: Values) => void = () => {}): Values => {
  const v = structuredClone(valuesOf(stored));
  change(v);
  return v;
};

describe("the rules in the form", () => {
  it("are written back as they were read", () => {
    expect(checkRules(values())).toEqual({});
    expect(inputOf(values(), 4)).toEqual(stored);
  });
  it("leave the hours out while they are off, and keep them in the form", () => {
    const off = values((v) => (v.hours_on = false));
    expect(inputOf(off, 4).calling_hours).toBeUndefined();
    expect(off.hours.open).toHaveLength(1);
  });
  it("put holidays in order", () => {
    const v = values((x) => x.hours.holidays.push({ date: "2026-12-25", name: "Christmas" }));
    expect(inputOf(v, 4).calling_hours?.holidays.map((h) => h.date)).toEqual(["2026-12-25", "2027-01-26"]);
  });
  it.each<[string, (v: Values) => void]>([
    ["frequency.per_week", (v) => (v.frequency.per_week = 2)],
    ["hours.open.0.from", (v) => v.hours.open.splice(0, 1, { ...open(v), from: "9:00" })],
    ["hours.open.0.to", (v) => v.hours.open.splice(0, 1, { ...open(v), from: "22:00", to: "06:00" })],
    ["hours.open.0.days", (v) => v.hours.open.splice(0, 1, { ...open(v), days: [] })],
    ["hours.open.1.days", (v) => v.hours.open.push({ ...open(v), from: "12:00" })],
    ["hours.holidays.0.date", (v) => v.hours.holidays.splice(0, 1, { date: "2027-02-30", name: "" })],
    ["hours.holidays.1.date", (v) => v.hours.holidays.push({ date: "2027-01-26", name: "again" })],
  ])("refuse a wrong %s", (path, change) => expect(Object.keys(checkRules(values(change)))).toEqual([path]));
  it("forgive what is wrong in hours that are off", () => {
    const v = values((x) => {
      x.hours_on = false;
      x.hours.open.push({ ...open(x), days: [] });
    });
    expect(checkRules(v)).toEqual({});
  });
});

function open(v: Values): Schema<"OpenHours"> {
  return v.hours.open[0] ?? { purpose: "service", days: [], from: "", to: "" };
}

describe("what the rules amount to", () => {
  it("says which are on, for which calls", () => {
    expect(summaryOf(values())).toEqual({
      hours: "On for promotional calls.",
      lists: "On for promotional calls.",
      frequency: "On: at most 3 in 24 hours and 7 in 7 days, for transactional and promotional calls.",
    });
  });
  it("says off where nothing is refused, also when only a half is set", () => {
    const none = values((v) => {
      v.hours_on = false;
      v.do_not_call = [];
      v.frequency.purposes = [];
    });
    for (const words of Object.values(summaryOf(none))) expect(words).toMatch(/^Off: /);
  });
});

describe("a verdict", () => {
  const refused = (refusal: Schema<"Permission">["refusal"], opens_at?: string) =>
    verdictOf({ allowed: false, refusal, opens_at, why: "Because.", purpose: "promotional", rules_version: 4 });
  it("says yes", () => {
    const yes = verdictOf({ allowed: true, why: "No rule forbids it.", purpose: "service", rules_version: 4 });
    expect(yes).toEqual({ title: "Yes, for a service call", why: "No rule forbids it.", remedy: "" });
  });
  it("says what to do about each refusal, and when it opens again", () => {
    expect(refused("outside_calling_hours", "2026-11-25T03:30:00Z").why).toMatch(
      /^Because\. It may be called from .+ on\.$/,
    );
    for (const r of ["outside_calling_hours", "on_do_not_call_list", "called_too_often"] as const)
      expect(refused(r).remedy).not.toBe("");
  });
});
