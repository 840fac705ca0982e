import { describe, expect, test } from "vitest";
import { selectionOf, statesOf, usualStates, wordsOfSelection } from "./selection";

const from = (search: string) => {
  const params = new URLSearchParams(search);
  return selectionOf((name) => params.get(name));
};

describe("selectionOf", () => {
  test("without filters: all that the CRM does not have", () => expect(from("")).toEqual({ state: usualStates }));
  test("the list's word for pending and parked", () => expect(statesOf("waiting")).toEqual(["parked", "pending"]));
  test("what the address says wrongly selects nothing, rather than everything", () =>
    expect(from("state=nonsense")).toBeNull());
  test("every filter is kept", () =>
    expect(
      from("state=dead&call_status=FAILED&trunk_id=t1&since=2026-11-01T00:00:00Z&until=2026-11-02T00:00:00Z"),
    ).toEqual({
      state: ["dead"],
      call_status: ["FAILED"],
      trunk_id: "t1",
      since: "2026-11-01T00:00:00Z",
      until: "2026-11-02T00:00:00Z",
    }));
});

test("a selection in words", () => {
  const words = (s: Parameters<typeof wordsOfSelection>[0]) =>
    wordsOfSelection(
      s,
      () => "Mumbai",
      (at) => at.slice(0, 10),
    );
  expect(words({ event_ids: ["a"] })).toBe("one chosen delivery");
  expect(words({ event_ids: ["a", "b"] })).toBe("2 chosen deliveries");
  expect(words({ state: ["dead"], call_status: ["NOT_ANSWERED"], trunk_id: "t", since: "2026-11-01T00:00:00Z" })).toBe(
    "deliveries failed for good of calls not answered through Mumbai since 2026-11-01",
  );
});
