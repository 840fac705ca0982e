// @vitest-environment node
import { describe, expect, test } from "vitest";
import type { Schema } from "@/api/client";
import { changesOf } from "./changes";
import { worstOf } from "./worst";

const counts = (calls: number, answered: number): Schema<"OutcomeCounts"> => ({
  calls,
  answered,
  not_answered: calls - answered,
  failed: 0,
  answer_rate: answered / calls,
  average_talk_seconds: null,
});

function report(change: Partial<Schema<"Report">>): Schema<"Report"> {
  return {
    since: "",
    until: "",
    tz: "Asia/Kolkata",
    totals: counts(1000, 500),
    post_dial_delay: { calls: 0, average_seconds: null, p50_seconds: null, p95_seconds: null },
    days: [],
    hours: [],
    trunks: [],
    agents: [],
    agents_truncated: false,
    reasons: [],
    ...change,
  };
}

describe("what changed most", () => {
  test("is told by how many calls it decided, the most first", () => {
    const trunk = (calls: number, answered: number) => ({
      trunk_id: "t",
      label: "Mumbai",
      counts: counts(calls, answered),
    });
    const agent = (calls: number, answered: number) => ({ agent_id: "asha", counts: counts(calls, answered) });
    const reason = (calls: number) => ({
      call_status: "FAILED" as const,
      disconnect_reason: "trunk_unavailable",
      sip_disconnect_code: 503,
      calls,
    });
    const changes = changesOf(
      report({
        trunks: [trunk(600, 180)],
        agents: [agent(100, 60)],
        hours: [{ weekday: 2, hour: 14, counts: counts(50, 10) }],
        reasons: [reason(150), { ...reason(50), sip_disconnect_code: null }],
      }),
      report({
        trunks: [trunk(500, 250)],
        agents: [agent(100, 50)],
        hours: [{ weekday: 2, hour: 14, counts: counts(50, 25) }],
        reasons: [reason(50)],
      }),
    );
    expect(changes.map((c) => [c.name, c.words, c.answered])).toEqual([
      ["Trunk unavailable", "20% of calls, 5.0% before", -150],
      ["Trunk Mumbai", "30% answered, 50% before", -120],
      ["Tue 14:00 to 15:00", "20% answered, 50% before", -15],
      ["Agent asha", "60% answered, 50% before", 10],
    ]);
    expect(changes[2]?.filter).toEqual({ weekday: "2", hour: "14", tz: "Asia/Kolkata" });
  });

  test("is nothing where there were few calls, or little difference, or nothing before", () => {
    const of = (calls: number, answered: number) =>
      report({ agents: [{ agent_id: "asha", counts: counts(calls, answered) }] });
    expect(changesOf(of(19, 0), of(100, 50))).toEqual([]);
    expect(changesOf(of(100, 54), of(100, 50))).toEqual([]);
    expect(changesOf(of(100, 54), report({}))).toEqual([]);
  });
});

test("the worst stretch of a trunk is its bad hours in a row", () => {
  const at = (begins: string, seizures: number, ner: number, trunk_id = "t"): Schema<"TrunkNumbers"> => ({
    trunk_id,
    label: trunk_id,
    begins,
    seizures,
    ner,
    answered: 0,
    asr: 0,
    ser: 0,
    acd_seconds: null,
    short_share: null,
    srd_failed_seconds: null,
  });
  const found = worstOf([
    at("2026-11-17T09:30:00Z", 50, 0.5), // the second hour, told first
    at("2026-11-17T08:30:00Z", 50, 0.28),
    at("2026-11-17T10:30:00Z", 50, 0.98),
    at("2026-11-17T11:30:00Z", 30, 0.6),
    at("2026-11-17T08:30:00Z", 9, 0, "other"),
  ]);
  expect(found).toHaveLength(2);
  expect(found[0]).toEqual({
    trunk_id: "t",
    label: "t",
    since: new Date("2026-11-17T08:30:00Z"),
    until: new Date("2026-11-17T10:30:00Z"),
    dials: 100,
    failed: 61,
  });
  expect(found[1]?.failed).toBe(12);
});
