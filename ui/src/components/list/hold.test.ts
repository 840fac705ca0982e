import { expect, it } from "vitest";
import { hold } from "./hold";

const rows = (text: string) => text.split(" ").map((t) => ({ id: t[0] ?? "", n: Number(t[1] ?? 0) }));
const held = (shown: string, latest: string) => {
  const h = hold(rows(shown), rows(latest), (r) => r.id);
  return [h.rows.map((r) => r.id + (r.n || "")).join(" "), h.fresh, [...h.gone].join(" ")];
};

it("moves no row, and replaces each where it stands", () => {
  expect(held("c b a", "c1 b2 a")).toEqual(["c1 b2 a", 0, ""]);
});

it("counts those that came, whether they pushed others off the page or not", () => {
  expect(held("c b a", "e d c")).toEqual(["c b a", 2, ""]);
  expect(held("b a", "c b1 a")).toEqual(["b1 a", 1, ""]);
});

it("knows which ones left: those above one that stayed", () => {
  expect(held("d c b a", "d b")).toEqual(["d c b a", 0, "c"]);
  expect(held("b a", "d c")).toEqual(["b a", 2, ""]);
});
