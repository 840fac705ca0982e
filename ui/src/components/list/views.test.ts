import { expect, it } from "vitest";
import { paramsOf, savedViews, saveViews, shows, viewOf, type View } from "./views";

const names = ["since", "until", "call_status"];
const now = new Date(2026, 10, 24, 14, 0);
const tomorrow = new Date(2026, 10, 25, 9, 0);

class Memory implements Storage {
  [name: string]: unknown;
  private readonly items = new Map<string, string>();
  length = 0;
  clear = () => this.items.clear();
  getItem = (k: string) => this.items.get(k) ?? null;
  key = () => null;
  removeItem = (k: string) => void this.items.delete(k);
  setItem = (k: string, v: string) => void this.items.set(k, v);
}

it("moves a range with a name on with the days, and leaves any other as it was", () => {
  const today = new Date(2026, 10, 24).toISOString();
  const view = viewOf("Mine", new URLSearchParams({ since: today, call_status: "FAILED", cursor: "x" }), names, now);
  expect(view).toEqual({ name: "Mine", filters: { call_status: "FAILED" }, range: "Today" });
  expect(paramsOf(view, tomorrow).get("since")).toBe(new Date(2026, 10, 25).toISOString());
  expect(shows(view, paramsOf(view, tomorrow), names, tomorrow)).toBe(true);
  expect(shows(view, new URLSearchParams({ call_status: "FAILED" }), names, tomorrow)).toBe(false);

  const outage = new URLSearchParams({ since: "2026-11-03T10:00:00.000Z", until: "2026-11-03T12:00:00.000Z" });
  expect(viewOf("Outage", outage, names, now)).toEqual({ name: "Outage", filters: Object.fromEntries(outage) });
});

it("keeps views, one of a name, and takes nothing that is none", () => {
  const storage = new Memory();
  const of = (name: string, status: string): View => ({ name, filters: { call_status: status } });
  saveViews("calls", [of("a", "FAILED"), of("b", "ANSWERED"), of("a", "NOT_ANSWERED")], storage);
  expect(savedViews("calls", storage)).toEqual([of("b", "ANSWERED"), of("a", "NOT_ANSWERED")]);
  expect(savedViews("deliveries", storage)).toEqual([]);
  storage.setItem("click2call.views.calls", '[{"name":"x"},{"name":"y","filters":{"a":1}},3,null]');
  expect(savedViews("calls", storage)).toEqual([]);
  storage.setItem("click2call.views.calls", "not JSON");
  expect(savedViews("calls", storage)).toEqual([]);
});
