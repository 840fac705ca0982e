import { afterEach, expect, test, vi } from "vitest";

/** Loads base.ts on a page that the server filled in so. */
async function on(path: string, base = "") {
  vi.resetModules();
  vi.stubGlobal("document", {
    querySelector: (selector: string) => ({ content: selector.includes("click2call-path") ? path : base }),
  });
  vi.stubGlobal("location", { origin: "http://127.0.0.1:8080" });
  return import("./base");
}

afterEach(() => vi.unstubAllGlobals());

test("a console under a path names its pages without it", async () => {
  const { path, pageOf, isUnder, base } = await on("/telephony/c2c", "https://host/telephony/c2c/");
  expect(path).toBe("/telephony/c2c");
  expect(base).toBe("https://host/telephony/c2c");
  expect(["/telephony/c2c", "/telephony/c2c/", "/telephony/c2c/calls/x", "/calls"].map(pageOf)).toEqual([
    "/",
    "/",
    "/calls/x",
    "/calls",
  ]);
  expect(["/telephony/c2c/calls", "/telephony/c2cx", "/calls", "/"].map(isUnder)).toEqual([true, false, false, false]);
});

test("at the root every address is the console's", async () => {
  const { path, pageOf, isUnder, base } = await on("");
  expect([path, pageOf("/"), pageOf("/calls"), isUnder("/"), base]).toEqual([
    "",
    "/",
    "/calls",
    true,
    "http://127.0.0.1:8080",
  ]);
  expect((await on("__PATH__", "__BASE__")).path, "while it is developed").toBe("");
});
