import { test as base, expect, type Page } from "@playwright/test";
import { Stage, type Scene } from "./server";
import { now } from "./world";

/** A page on the stage: the day's clock stands still, and the console hears what the scene says. */
export const test = base.extend<{ on: (scene: Partial<Scene>) => void }, { stage: Stage; at: string }>({
  stage: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of what is needed from this pattern
    async ({}, use) => {
      await use(new Stage());
    },
    { scope: "worker" },
  ],
  at: [
    async ({ stage }, use) => {
      await use(await stage.open());
      stage.close();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ at }, use) => use(at),
  on: async ({ stage, page }, use) => {
    await page.clock.setFixedTime(now);
    stage.scene = { day: "good", role: "admin" };
    await use((scene) => {
      stage.scene = { day: "good", role: "admin", ...scene };
    });
  },
});

/** Waits until a page has drawn itself whole, letters too. */
export async function drawn(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  await expect(page.locator("[class*=Skeleton-root], main [aria-busy=true]")).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
}

export { expect };
