// @vitest-environment node
import { expect, test } from "vitest";
import { before, rangeOf } from "./range";

const asked = (query: string, now: Date) => rangeOf((name) => new URLSearchParams(query).get(name), now);
const local = (y: number, m: number, d: number) => new Date(y, m - 1, d).toISOString();

test("without a range it is last week, from Monday to Sunday, on every day of this one", () => {
  for (const now of [new Date(2026, 10, 23, 0, 1), new Date(2026, 10, 25, 12), new Date(2026, 10, 29, 23, 59)]) {
    expect(asked("", now)).toEqual({ name: "last_week", since: local(2026, 11, 16), until: local(2026, 11, 23) });
  }
});

test("a named range is one from the day on which the link is opened; days of the calendar stay", () => {
  const now = new Date(2026, 10, 25, 12);
  expect(asked("range=7d", now)).toEqual({ name: "7d", since: local(2026, 11, 19), until: local(2026, 11, 26) });
  expect(asked("range=fortnight", now).name).toBe("last_week");
  const since = local(2026, 10, 1);
  expect(asked(`since=${since}`, now)).toEqual({ name: null, since, until: local(2026, 11, 26) });
});

test("the time before has as many days, and ends where the range begins", () => {
  const week = { since: local(2026, 3, 30), until: local(2026, 4, 6), agent_id: "asha" };
  expect(before(week)).toEqual({ since: local(2026, 3, 23), until: week.since, agent_id: "asha" });
});
