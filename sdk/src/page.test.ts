import { expect, test } from "vitest";
import { watchPage, type PageWindow } from "./page.js";
import type { Happening } from "./state.js";

const transition = (type: string, persisted: boolean) => Object.assign(new Event(type), { persisted });

function watched() {
  const page = new EventTarget();
  const seen: Happening[] = [];
  let online = 0;
  const stop = watchPage(
    page as PageWindow,
    (h) => seen.push(h),
    () => online++,
  );
  return { page, seen, stop, online: () => online };
}

test("a mailto: or tel: link, a download and Stay on this page are nothing: they ask, and hide no page", () => {
  const { page, seen } = watched();
  for (const type of ["beforeunload", "blur", "freeze", "visibilitychange", "unload"])
    page.dispatchEvent(new Event(type));
  expect(seen).toEqual([]);
});

test("a page that goes says whether the browser keeps it", () => {
  const { page, seen } = watched();
  page.dispatchEvent(transition("pagehide", true));
  page.dispatchEvent(transition("pageshow", true));
  page.dispatchEvent(transition("pagehide", false));
  expect(seen).toEqual([
    { type: "page_hidden", kept: true },
    { type: "page_shown", kept: true },
    { type: "page_hidden", kept: false },
  ]);
});

test("a network that is there again is told, and nothing is after the call", () => {
  const { page, seen, stop, online } = watched();
  page.dispatchEvent(new Event("online"));
  expect(online()).toBe(1);
  stop();
  page.dispatchEvent(new Event("online"));
  page.dispatchEvent(transition("pagehide", false));
  expect([online(), seen]).toEqual([1, []]);
});
