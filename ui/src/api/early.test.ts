import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fetchOrTake, forgetEarly } from "./early";

const sent = vi.fn((request: Request) => Promise.resolve(new Response(`sent ${request.url}`)));
const early = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, Promise.resolve(new Response(`early ${name}`))]));
const ask = async (path: string, init?: RequestInit) =>
  (await fetchOrTake(new Request(`http://console.test${path}`, init))).text();

beforeEach(() => {
  vi.stubGlobal("window", {});
  vi.stubGlobal("fetch", sent);
});
afterEach(() => vi.unstubAllGlobals());

describe("fetchOrTake", () => {
  test("takes an answer once; the next time it asks", async () => {
    window.click2callEarly = early("/api/admin/me");
    expect(await ask("/api/admin/me")).toBe("early /api/admin/me");
    expect(await ask("/api/admin/me")).toBe("sent http://console.test/api/admin/me");
  });

  test("takes the overview whatever the name of the time zone, and other lists only with their query", async () => {
    window.click2callEarly = early("/api/admin/overview", "/api/admin/calls?status=ended&limit=8");
    expect(await ask("/api/admin/overview?tz=Asia%2FKolkata")).toBe("early /api/admin/overview");
    expect(await ask("/api/admin/calls?status=live")).toMatch(/^sent /);
    expect(await ask("/api/admin/calls?status=ended&limit=8")).toMatch(/^early /);
  });

  test("never takes what was asked for reading when something is to be done, and asks when nothing is on its way", async () => {
    window.click2callEarly = early("/api/admin/me");
    expect(await ask("/api/admin/me", { method: "POST" })).toMatch(/^sent /);
    forgetEarly();
    expect(await ask("/api/admin/me")).toMatch(/^sent /);
  });
});
