import { describe, expect, test } from "vitest";
import type { Schema } from "@/api/client";
import { checkValues, describeSchedule, inputOf, valuesOf } from "./values";

const settings: Schema<"Settings"> = {
  version: 7,
  livekit: { url: "wss://livekit.example.com", api_key: "key", api_secret: { set: true, last_four: "abcd" } },
  call: {
    connect_timeout_seconds: 120,
    ring_timeout_seconds: 45,
    max_call_duration_seconds: 7200,
    agent_rejoin_grace_seconds: 20,
    media_timeout_seconds: 600,
    poll_interval_ms: 1500,
    reconcile_interval_seconds: 60,
    answer_detection: "polling",
    require_agent: true,
  },
  limits: {
    max_concurrent_calls: 0,
    max_calls_per_second: 0,
    one_call_per_agent: false,
    refuse_when_busy: false,
    queue_wait_seconds: 0,
  },
  allowed_origins: ["*"],
  delivery: { schedule_seconds: [0, 5, 30, 120, 86_400], https_only: true },
  livekit_webhook_url: null,
};

describe("settings in the form", () => {
  test("what is read and not touched is written back the same, without the secret", () => {
    const values = valuesOf(settings);
    expect(checkValues(values)).toEqual({});
    const { call, delivery, allowed_origins, limits } = settings;
    expect(inputOf(values, 7)).toEqual({
      version: 7,
      livekit: { url: "wss://livekit.example.com", api_key: "key", api_secret: undefined },
      call,
      delivery,
      allowed_origins,
      limits,
    });
  });

  test("limits are whole numbers, and 0 is none", () => {
    const values = valuesOf(settings);
    values.limits = { max_concurrent_calls: 120, max_calls_per_second: 10, one_call_per_agent: true };
    expect(checkValues(values)).toEqual({});
    expect(inputOf(values, 7).limits).toEqual(values.limits);
    values.limits = { max_concurrent_calls: 100_001, max_calls_per_second: 0.5 };
    expect(Object.keys(checkValues(values))).toEqual(["limits.max_concurrent_calls", "limits.max_calls_per_second"]);
    values.limits = { ...settings.limits, queue_wait_seconds: 601 };
    expect(Object.keys(checkValues(values))).toEqual(["limits.queue_wait_seconds"]);
  });

  test("each mistake is named at its field", () => {
    const values = valuesOf(settings);
    const wrong = checkValues({
      ...values,
      url: "livekit",
      knobs: { ...values.knobs, ring_timeout_seconds: "80s", poll_interval_ms: "often" },
      origins: ["https://a.example", "https://b.example/path"],
      schedule: "0s, soon",
    });
    expect(Object.keys(wrong).sort()).toEqual([
      "knobs.poll_interval_ms",
      "knobs.ring_timeout_seconds",
      "origins",
      "schedule",
      "url",
    ]);
    expect(wrong["knobs.ring_timeout_seconds"]).toBe("From 5s to 1m 15s");
    expect(wrong.origins).toContain("https://b.example/path");
  });

  test("a schedule begins at once", () =>
    expect(checkValues({ ...valuesOf(settings), schedule: "5s, 30s" }).schedule).toContain("begin with 0s"));

  test("a schedule is told in words", () =>
    expect(describeSchedule("0s, 5s, 30s, 2m")).toBe("4 attempts over 2m 35s, each wait varied by ±20%."));
});
