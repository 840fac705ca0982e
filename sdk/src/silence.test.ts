import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { packetsOf, watchSilence } from "./silence.js";

describe("silence of the customer", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("is said after five seconds without a packet, and taken back with the next one", async () => {
    let packets: number | undefined = 0;
    const said: boolean[] = [];
    const stop = watchSilence(
      () => Promise.resolve(packets),
      (silent) => said.push(silent),
    );
    for (let i = 0; i < 10; i++) {
      packets += 50;
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(4000);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(said).toEqual([true]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said).toEqual([true]);
    packets += 1;
    await vi.advanceTimersByTimeAsync(1000);
    expect(said).toEqual([true, false]);
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said).toEqual([true, false]);
  });

  test("is not said while nobody can count", async () => {
    const said: boolean[] = [];
    const stop = watchSilence(
      () => Promise.reject(new Error("no statistics")),
      (silent) => said.push(silent),
    );
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said).toEqual([]);
    stop();
  });

  test("packets are those of the received track", () => {
    const report = new Map([
      ["a", { type: "transport" }],
      ["b", { type: "inbound-rtp", packetsReceived: 42 }],
    ]) as unknown as RTCStatsReport;
    expect(packetsOf(report)).toBe(42);
    expect(packetsOf(undefined)).toBeUndefined();
  });
});
