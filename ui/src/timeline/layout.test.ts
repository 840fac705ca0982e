import { describe, expect, test } from "vitest";
import type { Schema } from "@/api/client";
import { formatDuration } from "@/format/duration";
import { disagrees, layOut, wide } from "./layout";
import { tell } from "./story";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 2, 9, 0, 0) + seconds * 1000).toISOString();

function callWith(change: Partial<Schema<"CallSummary">>): Schema<"CallSummary"> {
  return {
    call_id: "c2c_3k7qv5m2xwzc4e6yb2fjd7hnru",
    case_id: "abc123",
    customer_crm_id: "",
    agent_id: "agent-42",
    masked_number: "95302•••97",
    did: "+919999999999",
    trunk_id: "t",
    trunk_label: "Main",
    status: "ended",
    call_status: "ANSWERED",
    disconnect_reason: "customer_hangup",
    sip_disconnect_code: 200,
    duration_seconds: 90,
    ring_seconds: 12,
    hangup_by: "customer",
    created_at: at(0),
    connected_at: at(8),
    answered_at: at(20),
    ended_at: at(110),
    ...change,
  };
}

const attempt: Schema<"Attempt"> = {
  n: 1,
  trigger: "automatic",
  started_at: at(110.1),
  url: "https://crm.example.com/hook",
  status: 204,
  error_class: "",
  error: "",
  remote_address: "",
  dns_ms: 1,
  connect_ms: 1,
  tls_ms: 1,
  first_byte_ms: 5,
  total_ms: 6,
  request_headers: {},
  response_headers: {},
  response_body: "",
  truncated: false,
  next_attempt_at: null,
};

describe("layOut", () => {
  test("stages touch, keep their order and fill the call's part", () => {
    const { stages, callEnds } = layOut(callWith({}), [], [attempt], 0);
    expect(stages.map((s) => s.name)).toEqual(["waiting", "ringing", "talking"]);
    expect(callEnds).toBeCloseTo(0.86);
    let left = 0;
    for (const s of stages) {
      expect(s.left).toBeCloseTo(left);
      left += s.width;
    }
    expect(left).toBeCloseTo(callEnds);
    expect(stages[2]!.width).toBeGreaterThan(stages[1]!.width);
  });

  test("a stage of no length can still be seen", () => {
    const { stages } = layOut(
      callWith({ connected_at: at(0.01), answered_at: at(0.02), ended_at: at(7200) }),
      [],
      [],
      0,
    );
    for (const s of stages) expect(s.width).toBeGreaterThan(0.05);
  });

  test("a call that never connected has one stage, a live one grows to now", () => {
    expect(
      layOut(callWith({ connected_at: null, answered_at: null, call_status: "FAILED" }), [], [], 0).stages.map(
        (s) => s.name,
      ),
    ).toEqual(["waiting"]);
    const live = layOut(
      callWith({ call_status: null, status: "answered", ended_at: null }),
      [],
      [],
      Date.parse(at(200)),
    ).stages.at(-1)!;
    expect(live).toMatchObject({ name: "talking", live: true, to: Date.parse(at(200)) });
  });

  test("marks stand where they happened, in one row; those at one place move aside, and none leaves the band", () => {
    const entry = (s: number): Schema<"TimelineEntry"> => ({ at: at(s), source: "room", name: "x", detail: "" });
    const { evidence, stages } = layOut(
      callWith({}),
      [entry(65), entry(20), entry(20), entry(500), entry(501), entry(-5)],
      [],
      0,
    );
    const left = evidence.map((m) => m.left);
    expect(left[0]).toBeCloseTo(wide.mark / 2);
    expect(left[1]).toBeCloseTo(stages[2]!.left);
    expect(left[2]! - left[1]!).toBeCloseTo(wide.mark);
    expect(left[3]).toBeCloseTo(stages[2]!.left + stages[2]!.width / 2);
    expect(left[5]).toBeCloseTo(1 - wide.mark / 2);
    expect(left[5]! - left[4]!).toBeCloseTo(wide.mark);
  });

  test("however many marks there are, they stay apart and in the band", () => {
    const many = Array.from({ length: 200 }, (): Schema<"TimelineEntry"> => ({
      at: at(109),
      source: "poll",
      name: "x",
      detail: "",
    }));
    const left = layOut(callWith({}), many, [], 0).evidence.map((m) => m.left);
    for (const [i, l] of left.entries()) expect(l).toBeGreaterThan(i === 0 ? 0 : left[i - 1]!);
    expect(left.at(-1)).toBeLessThan(1);
  });

  test("for a thousand calls, the band, the sentence and the facts have the server's seconds", () => {
    let state = 1;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let i = 0; i < 1000; i++) {
      // What the moments differ by is a little more than what the server counts in whole seconds, or a second off.
      const [waited, rang, talked] = [random() * 9, 1 + random() * 50, 1 + random() * 3000];
      const call = callWith({
        connected_at: at(waited),
        answered_at: at(waited + rang),
        ended_at: at(waited + rang + talked),
        ring_seconds: Math.max(1, Math.floor(rang - random())),
        duration_seconds: Math.floor(talked),
      });
      const [, ringing, talking] = layOut(call, [], [], 0).stages;
      expect(ringing!.seconds).toBe(call.ring_seconds);
      expect(talking!.seconds).toBe(call.duration_seconds);
      const story = tell(call, []);
      expect(story).toContain(`Rang for ${formatDuration(ringing!.seconds)},`);
      expect(story).toContain(`talked for ${formatDuration(talking!.seconds)};`);
    }
  });

  test("attempts stand in order behind the call", () => {
    const { attempts, callEnds } = layOut(
      callWith({}),
      [],
      [{ ...attempt, error_class: "status", error: "answered 500" }, attempt],
      0,
    );
    expect(attempts.map((a) => [a.failed, a.detail])).toEqual([
      [true, "answered 500"],
      [false, "answered 204"],
    ]);
    expect(attempts[0]!.left).toBeGreaterThan(callEnds);
    expect(attempts[1]!.left).toBeLessThan(1);
  });
});

describe("disagrees", () => {
  const lie: Schema<"TimelineEntry"> = { at: at(1), source: "browser", name: "status", detail: "ANSWERED" };
  test("a browser that reports an answer during a busy call is ringed", () => {
    expect(disagrees(lie, { call_status: "NOT_ANSWERED" })).toBe(true);
    expect(disagrees(lie, { call_status: "ANSWERED" })).toBe(false);
    expect(disagrees(lie, { call_status: null })).toBe(false);
  });
});

describe("tell", () => {
  const dial = (detail: string): Schema<"TimelineEntry"> => ({ at: at(20), source: "dial", name: "dial", detail });
  const left: Schema<"TimelineEntry"> = {
    at: at(20),
    source: "webhook",
    name: "customer_left",
    detail: "rejected, sip.callStatus ringing",
  };
  test.each<[string, Partial<Schema<"CallSummary">>, Schema<"TimelineEntry">[], string]>([
    [
      "answered",
      {},
      [dial("answered, SIP 200")],
      "Rang for 12s, then they talked for 1m 30s; the customer hung up. The dial result says so.",
    ],
    [
      "declined",
      {
        call_status: "NOT_ANSWERED",
        disconnect_reason: "declined",
        sip_disconnect_code: 603,
        answered_at: null,
        duration_seconds: 0,
      },
      [dial("refused, SIP 603"), left],
      "Rang for 12s; the customer declined (603). The dial result says so; LiveKit's event agrees.",
    ],
    [
      "never connected",
      {
        call_status: "FAILED",
        disconnect_reason: "never_connected",
        sip_disconnect_code: null,
        connected_at: null,
        answered_at: null,
        ring_seconds: 0,
        hangup_by: "system",
      },
      [],
      "The agent's browser never asked to dial, so nobody was called.",
    ],
    [
      "live",
      { call_status: null, status: "ringing", disconnect_reason: null, answered_at: null, ended_at: null },
      [],
      "The customer's phone is ringing.",
    ],
  ])("%s", (_name, change, entries, want) => expect(tell(callWith(change), entries)).toBe(want));
});
