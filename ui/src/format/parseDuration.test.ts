import { describe, expect, test } from "vitest";
import { parseDuration, parseSchedule, writeDuration } from "./parseDuration";

describe("durations that people type", () => {
  test.each<[string, number | null]>([
    ["45s", 45],
    ["45", 45],
    [" 1m 30s ", 90],
    ["2h", 7200],
    ["200ms", 0.2],
    ["1.5h", 5400],
    ["1d", 86_400],
    ["2H", 7200],
    ["", null],
    ["soon", null],
    ["5x", null],
    ["-5s", null],
    ["5s x", null],
  ])("%j is %s", (text, want) => expect(parseDuration(text)).toBe(want));

  test.each([0, 0.2, 1, 45, 90, 7200, 86_400, 273_600])("%d s survives writing and reading", (s) => {
    expect(parseDuration(writeDuration(s))).toBe(s);
  });

  test("schedules", () => {
    expect(parseSchedule("0, 5s, 2m, 10h")).toEqual([0, 5, 120, 36_000]);
    expect(parseSchedule("0, soon")).toBeNull();
    expect(parseSchedule("0,,5s")).toBeNull();
  });
});
