import { describe, expect, test } from "vitest";
import { formatClock, formatDuration, formatMillis } from "./duration";
import { count, formatPercent, prettyJSON, shortenMiddle } from "./text";
import { formatRelative, formatShort } from "./time";

describe("durations", () => {
  test.each([
    [0, "0s"],
    [8, "8s"],
    [59.6, "1m"],
    [92, "1m 32s"],
    [3600, "1h"],
    [7500, "2h 5m"],
    [273_600, "3d 4h"],
    [-4, "0s"],
  ])("%d s is %s", (s, want) => expect(formatDuration(s)).toBe(want));
  test.each([
    [0.42, "0.4ms"],
    [0.96, "1ms"],
    [12.4, "12ms"],
    [999.6, "1.00s"],
    [1240, "1.24s"],
    [12_400, "12.4s"],
    [59_980, "1m"],
    [92_000, "1m 32s"],
  ])("%d ms is %s", (ms, want) => expect(formatMillis(ms)).toBe(want));
  test.each([
    [7.9, "0:07"],
    [750, "12:30"],
    [3723, "1:02:03"],
  ])("the clock at %d is %s", (s, want) => expect(formatClock(s)).toBe(want));
});

describe("moments", () => {
  const now = new Date(2026, 10, 2, 12, 0, 0);
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  test.each([
    [0, "now"],
    [-12, "12 sec ago"],
    [-90, "1 min ago"],
    [300, "in 5 min"],
    [-86_400, "yesterday"],
    [-40 * 86_400, "last mo"],
  ])("%d s away is %s", (s, want) => expect(formatRelative(at(s), now)).toBe(want));
  test("today shows the clock, other days the day, other years the year", () => {
    expect(formatShort(at(-60), now)).toBe("11:59:00");
    expect(formatShort(at(-3 * 86_400), now)).toBe("30 Oct, 12:00");
    expect(formatShort(at(-400 * 86_400), now)).toBe("28 Sept 2025");
  });
});

describe("text", () => {
  test("identifiers keep both ends, short ones are kept whole", () => {
    expect(shortenMiddle("c2c_3k7qv5m2xwzc4e6yb2fjd7hnru")).toBe("c2c_3k7qv5…7hnru");
    expect(shortenMiddle("abc123")).toBe("abc123");
  });
  test("counts and shares", () => {
    expect(count(1, "call")).toBe("1 call");
    expect(count(10_000, "call")).toBe("10,000 calls");
    expect(count(2, "delivery", "deliveries")).toBe("2 deliveries");
    expect(formatPercent(1, 30)).toBe("3.3%");
    expect(formatPercent(29, 30)).toBe("97%");
    expect(formatPercent(0, 0)).toBe("–");
    expect(formatPercent(9_999, 10_000)).toBe("99.9%");
    expect(formatPercent(30, 30)).toBe("100%");
  });
  test("JSON is indented, other text kept", () => {
    expect(prettyJSON('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(prettyJSON("not json")).toBe("not json");
  });
});
