import { expect, it } from "vitest";
import { tabOf, tabs } from "./tabs";

it("finds the tab of every state that an address may name", () => {
  expect(tabOf(null)).toBe("");
  expect(["waiting", "pending", "parked"].map(tabOf)).toEqual(["waiting", "waiting", "waiting"]);
  expect(["dead", "delivered", "nonsense"].map(tabOf)).toEqual(["dead", "delivered", ""]);
});

it("counts no delivery in two tabs", () => {
  const counted = tabs.flatMap((t) => t.counts);
  expect(new Set(counted).size).toBe(counted.length);
});
