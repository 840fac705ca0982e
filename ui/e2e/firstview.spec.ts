import type { Browser, Page } from "@playwright/test";
import { expect, test } from "./bench";

test.use({ trace: "off" }); // its recorder would be a part of what is measured

const rounds = 7;
const connections = 6; // that a browser opens to one server; more scripts queue

// Favicon: the smallest page of the same server. What it takes is the browser's own start: a context, a process, a first paint.
const floor = { path: "/favicon.svg", shown: (page: Page) => page.locator("svg").waitFor() };
const overview = {
  path: "/",
  shown: (page: Page) =>
    page
      .getByRole("list", { name: "Today" })
      .getByText(/^[\d.]+%$|^–$/)
      .waitFor(),
};

/** Opens a page with nothing in its cache, and returns it with the milliseconds until it showed what was waited for. */
async function cold(
  browser: Browser,
  baseURL: string | undefined,
  { path, shown }: typeof floor,
): Promise<[page: Page, ms: number]> {
  const context = await browser.newContext({ baseURL, storageState: "test-results/admin.json" });
  const page = await context.newPage();
  const started = performance.now();
  await page.goto(path, { waitUntil: "commit" });
  await shown(page);
  return [page, performance.now() - started];
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

test("the first view says how long it took, and what of that is the browser's own", async ({ browser, baseURL }) => {
  const took: { view: number[]; floor: number[] } = { view: [], floor: [] };
  for (let i = 0; i < rounds; i++) {
    for (const [times, what] of [
      [took.floor, floor],
      [took.view, overview],
    ] as const) {
      const [page, ms] = await cold(browser, baseURL, what);
      times.push(ms);
      await page.context().close();
    }
  }
  const [view, own] = [median(took.view), median(took.floor)];
  console.log(
    `first view: ${view.toFixed(0)} ms on a cold cache, median of ${rounds}; a page of nothing: ${own.toFixed(0)} ms`,
  );
  expect(view / own, "as often as a page of nothing takes; it was 3 to 6 when this was written").toBeLessThan(20);
});

test("the first view needs little, all of it from here, and asks for each thing once", async ({ browser, baseURL }) => {
  const [page] = await cold(browser, baseURL, overview);
  await page.getByRole("table", { name: "Latest calls" }).or(page.getByText("No live calls")).first().waitFor();
  const files = await page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).map((r) => ({
      url: r.name,
      bytes: r.encodedBodySize,
    })),
  );
  expect(files.filter((f) => !f.url.startsWith(baseURL ?? ""))).toEqual([]);
  const paths = files.map((f) => new URL(f.url).pathname);
  const scripts = files.filter((_, i) => paths[i]?.endsWith(".js"));
  const awaited = await page.locator("script[type=module]").count(); // others, of menus and dialogs, come after the first view
  expect(awaited).toBeGreaterThan(0);
  expect(awaited).toBeLessThanOrEqual(connections);
  expect(scripts.reduce((sum, f) => sum + f.bytes, 0)).toBeLessThan(250 * 1024);
  for (const path of ["/api/admin/me", "/api/admin/overview"])
    expect(
      paths.filter((p) => p === path),
      path,
    ).toHaveLength(1);
  expect(paths, "the overview holds its calls").not.toContain("/api/admin/calls");
  await page.context().close();
});
