import { describe, expect, test } from "vitest";
import { localDay, presets, rangeLabel } from "./timeRanges";

const now = new Date(2026, 10, 2, 15, 30);

describe("time ranges", () => {
  test("days begin at local midnight, also where clocks change", () => {
    expect(new Date(localDay("2026-10-25", 1)).getHours()).toBe(0);
    expect(new Date(localDay("2026-03-29", 1)).getHours()).toBe(0);
    expect(new Date(localDay("2026-12-31", 1)).getFullYear()).toBe(2027);
  });

  test("labels read as days when they are days", () => {
    const preset = (name: string) => presets.find((p) => p.name === name)!.range(now);
    const label = (name: string) => rangeLabel(preset(name).since, preset(name).until, now);
    expect(label("Today")).toBe("Today");
    expect(label("Yesterday")).toBe("1 Nov");
    expect(label("Last 7 days")).toBe("Since 27 Oct");
    expect(label("Last hour")).toBe("Since 14:30:00");
    expect(rangeLabel(localDay("2026-10-01", 0), localDay("2026-10-31", 1), now)).toBe("1 Oct – 31 Oct");
    expect(rangeLabel(null, null, now)).toBe("Any time");
  });
});
