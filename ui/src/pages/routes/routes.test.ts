import { describe, expect, it } from "vitest";
import type { Schema } from "@/api/client";
import { moved } from "@/components/order";
import { daysWords, isTimeOfDay } from "@/format/week";
import { orderWith } from "./undo";
import { checkRoute, inputOf, newRoute, valuesOf, type Values } from "./values";
import { callerIDWords, fallbackWords, matchWords, tiersOf, trunksWords } from "./words";

const match = (change: Partial<Schema<"RouteMatch">> = {}): Schema<"RouteMatch"> => ({
  number: "",
  purposes: [],
  agent_prefix: "",
  days: [],
  from: "00:00",
  to: "00:00",
  zone: "Asia/Kolkata",
  ...change,
});

const labels: Record<string, string> = { m: "Mumbai", d: "Delhi", p: "Pune" };
const labelOf = (id: string) => labels[id] ?? id;

describe("a route in words", () => {
  it("says which calls it takes", () => {
    expect(matchWords(match())).toBe("Every call");
    expect(matchWords(match({ number: "98*" }))).toBe("Numbers 98*");
    expect(
      matchWords(
        match({ purposes: ["promotional"], agent_prefix: "sales-", days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00" }),
      ),
    ).toBe("Promotional calls, agents sales-…, Mon–Fri 09:00–18:00 in Asia/Kolkata");
    expect(matchWords(match({ purposes: ["service", "transactional", "promotional"] }))).toBe("Every call");
    expect(matchWords(match({ days: [0, 1, 2, 3, 4, 5, 6] }))).toBe("Every call");
  });
  it("says through what, in the order of the tries", () => {
    const trunks = [
      { trunk_id: "p", priority: 5, weight: 1 },
      { trunk_id: "m", priority: 1, weight: 7 },
      { trunk_id: "d", priority: 1, weight: 3 },
    ];
    expect(trunksWords(trunks, labelOf)).toBe("Mumbai 70%, Delhi 30%; then Pune");
    expect(tiersOf(trunks).map((t) => t.priority)).toEqual([1, 5]);
    expect(trunksWords([{ trunk_id: "m", priority: 0, weight: 9 }], labelOf)).toBe("Mumbai");
  });
  it("says as whom", () => {
    const dids = ["+911", "+912", "+913"].map((number) => ({ number, series: "standard" as const }));
    expect(callerIDWords({ mode: "fixed", dids: [], days: 0 })).toBe("the trunk's default");
    expect(callerIDWords({ mode: "fixed", dids, days: 0 })).toBe("+911");
    expect(callerIDWords({ mode: "round_robin", dids, days: 0 })).toBe("3 numbers in turn");
    expect(callerIDWords({ mode: "sticky", dids, days: 1 })).toBe("3 numbers, the same to a customer for 1 day");
  });
  it("says what happens without it", () => {
    const trunk = (label: string, change: Partial<Schema<"Trunk">> = {}) =>
      ({ trunk_id: label, label, enabled: true, default: false, ...change }) as Schema<"Trunk">;
    expect(fallbackWords([trunk("A"), trunk("B", { default: true }), trunk("C", { enabled: false }), trunk("D")])).toBe(
      "leave by B, the default, then by A, then by D",
    );
    expect(fallbackWords([trunk("A", { enabled: false })])).toContain("refused with no_trunk");
  });
});

describe("weekdays", () => {
  it.each([
    [[], "every day"],
    [[0, 1, 2, 3, 4, 5, 6], "every day"],
    [[1, 2, 3, 4, 5], "Mon–Fri"],
    [[0, 6], "Sat, Sun"],
    [[0, 2, 3, 4, 5, 6], "Tue–Sun"],
    [[1, 3], "Mon, Wed"],
  ])("%j is %s", (days, words) => expect(daysWords(days)).toBe(words));
  it("knows times of day", () => {
    expect(["00:00", "09:30", "24:00"].every(isTimeOfDay)).toBe(true);
    expect(["9:30", "24:01", "12:60", ""].some(isTimeOfDay)).toBe(false);
  });
});

describe("the form", () => {
  const good = (change: Partial<Values> = {}): Values => ({
    ...newRoute(),
    name: "Evenings",
    trunks: [{ trunk_id: "m", priority: 1, weight: 1 }],
    ...change,
  });
  it("takes a good route, and gives back what the server stored", () => {
    expect(checkRoute(good())).toEqual({});
    const input = inputOf(good());
    expect([input.match.from, input.match.to]).toEqual(["00:00", "00:00"]);
    const stored = { ...input, route_id: "r", match: { ...input.match, from: "18:00", to: "06:00" } };
    expect(inputOf(valuesOf(stored)).match).toEqual(stored.match);
    expect(inputOf(good({ match: { ...good().match, from: "18:00" } })).match.to).toBe("24:00");
  });
  it("writes caller IDs as the server takes them", () => {
    const dids = [{ number: "+91 (22) 665-54433", series: "standard" as const }];
    expect(inputOf(good({ caller_id: { mode: "fixed", dids, days: 30 } })).caller_id).toEqual({
      mode: "fixed",
      dids: [{ number: "+912266554433", series: "standard" }],
      days: 0,
    });
  });
  it.each<[string, Partial<Values>]>([
    ["name", { name: " " }],
    ["match.number", { match: { ...newRoute().match, number: "98" } }],
    ["match.from", { match: { ...newRoute().match, to: "12:00" } }],
    ["match.to", { match: { ...newRoute().match, from: "09:00", to: "25:00" } }],
    ["trunks", { trunks: [] }],
    ["trunks.0.weight", { trunks: [{ trunk_id: "m", priority: 0, weight: "" }] }],
    ["trunks.0.trunk_id", { trunks: [{ trunk_id: "", priority: 0, weight: 1 }] }],
    ["caller_id.days", { caller_id: { mode: "sticky", dids: [], days: 0 } }],
    ["caller_id.dids.0.number", { caller_id: { mode: "fixed", dids: [{ number: "999", series: "140" }], days: 0 } }],
  ])("refuses a wrong %s", (path, change) => expect(Object.keys(checkRoute(good(change)))).toEqual([path]));
  it("refuses a trunk that stands there twice", () => {
    const twice = [0, 1].map((priority) => ({ trunk_id: "m", priority, weight: 1 }));
    expect(Object.keys(checkRoute(good({ trunks: twice })))).toEqual(["trunks.1.trunk_id"]);
  });
});

describe("moving", () => {
  it("swaps neighbours and stays at the ends", () => {
    expect(moved(["a", "b", "c"], "b", -1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], "b", 1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b"], "a", -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], "gone", 1)).toEqual(["a", "b"]);
  });
});

describe("a route that comes back", () => {
  it("goes where it was, whatever happened to the others", () => {
    expect(orderWith("new", ["a", "gone", "b"], "gone", ["a", "b", "new"])).toEqual(["a", "new", "b"]);
    expect(orderWith("new", ["gone", "a", "b"], "gone", ["b", "new"])).toEqual(["new", "b"]);
    expect(orderWith("new", ["a", "gone"], "gone", ["a", "later", "new"])).toEqual(["a", "later", "new"]);
    expect(orderWith("new", ["gone"], "gone", ["new"])).toEqual(["new"]);
  });
});
