import type { Page } from "@playwright/test";
import { expect, level, makeOutcomes, startCall, test } from "./bench";

test("a test call: sound both ways on the page's own meters, and the exact webhook at the end", async ({ page }) => {
  await startCall(page, "9002000206"); // rings 2 s, answers, hangs up after 6 s of talk
  const state = page.locator("main [role=status]");
  await expect(state).toHaveText("Ringing");
  await expect(state).toHaveText("Talking");
  await expect.poll(() => level(page, "You")).toBeGreaterThan(20);
  await expect.poll(() => level(page, "Customer")).toBeGreaterThan(20);
  await page.getByRole("button", { name: "Mute" }).click();
  await expect.poll(() => level(page, "You")).toBe(0);
  await page.getByRole("button", { name: "Unmute" }).click();
  await page.getByRole("button", { name: "Keypad" }).click();
  await page.getByRole("button", { name: "5", exact: true }).click();
  await expect(page.getByLabel("Keys sent")).toHaveText("5");

  await expect(page.getByText("the customer hung up")).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText(/Rang for \ds, then they talked for [5-7]s/)).toBeVisible();
  await expect(page.getByText('"call_status": "ANSWERED"')).toBeVisible();
  await expect(page.getByText('"phone_to": "9002000206"')).toBeVisible();
  await expect(page.getByText("Delivered")).toBeVisible();

  await page.getByRole("link", { name: "The call's page" }).click();
  await expect(page.getByRole("listbox", { name: /Timeline/ })).toBeVisible();
  await expect(page.getByText("Dial ended")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("90020•••06");
  await page.getByRole("button", { name: "Reveal" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("9002000206");
  await page.getByRole("listbox", { name: /Timeline/ }).press("ArrowRight");
  await expect(page.locator("p[aria-live=polite]")).toContainText("Room check");
  await page.getByRole("link", { name: "Open the delivery" }).click();
  await expect(page.getByRole("heading", { name: "Request" })).toBeVisible();
  await expect(page.getByText("The CRM took it")).toBeVisible();
  const header = (name: string) =>
    page
      .getByRole("definition")
      .and(page.locator(`dt:text-is("${name}") + dd`))
      .first();
  await expect(header("webhook-signature")).toHaveText(/^v1,/);
  await expect(header("x-api-key")).toHaveText("[redacted]");

  await page.goto("/access?tab=audit&action=number_revealed");
  await expect(page.getByRole("cell", { name: "number revealed" }).first()).toBeVisible();
});

test("a busy number is told as such, and found again by its last digits", async ({ page }) => {
  await startCall(page, "9004860100");
  await expect(page.getByText("the customer was busy (486)")).toBeVisible({ timeout: 15_000 });
  await page.goto("/calls?number=0100&reason=busy");
  await expect(page.getByRole("row").nth(1)).toContainText("busy · 486");
  await page.getByRole("textbox", { name: "Last digits" }).fill("9999");
  await expect(page).toHaveURL(/number=9999/);
  await expect(page.getByText("No call fits these filters")).toBeVisible();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await expect(page).toHaveURL(/\/calls$/);
  const csv = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  expect((await csv).suggestedFilename()).toMatch(/\.csv$/);
});

test("the overview shows a call the moment it lives, and ends it", async ({ page, context }) => {
  const overview = await context.newPage();
  await overview.goto("/");
  const live = overview.getByRole("table", { name: "Live calls" });
  await startCall(page, "9002000100"); // talks until we hang up
  await expect(live.getByText("Talking")).toBeVisible({ timeout: 15_000 });
  expect(await moving(overview)).toBeGreaterThan(0);
  await overview.emulateMedia({ reducedMotion: "reduce" });
  await expect.poll(() => moving(overview)).toBe(0);
  await live.getByRole("row").filter({ hasText: "90020•••00" }).hover();
  await live.getByRole("button", { name: "Hang up" }).click();
  const dialog = overview.getByRole("dialog", { name: "Hang up the call with 90020•••00?" });
  await dialog.getByRole("button", { name: "Hang up" }).click();
  await expect(overview.getByText("No live calls")).toBeVisible();
  await expect(page.getByText("an operator hung up")).toBeVisible({ timeout: 15_000 });
});

test("Hold: the customer hears music and not the agent, the agent hears nobody, and then each the other again", async ({
  page,
}) => {
  const number = "9002000400"; // rings 4 s, then talks until we hang up: nobody else's
  await startCall(page, number);
  const hears = () => heardBy(number);
  await expect.poll(hears, { timeout: 20_000 }).toBe("the agent");
  const state = page.locator("main [role=status]");
  await page.getByRole("button", { name: "Hold" }).click();
  await expect(state).toHaveText("On hold");
  await expect.poll(hears).toBe("music");
  for (let i = 0; i < 4; i++) {
    await page.waitForTimeout(500); // the carrier's window; music has its rests
    expect(await hears()).not.toBe("the agent");
  }
  await expect.poll(() => level(page, "Customer")).toBe(0);

  await page.getByRole("button", { name: "Resume" }).click();
  await expect(state).toHaveText("Talking");
  await expect.poll(hears).toBe("the agent");
  await expect.poll(() => level(page, "Customer")).toBeGreaterThan(20);
  await page.getByRole("button", { name: "Hang up" }).click();
  await expect(page.getByText("the agent hung up")).toBeVisible({ timeout: 15_000 });
});

/**
 * What the customer heard of the call to a number within the last half second, as the lab's carrier measured it: Chromium's fake microphone
 * makes some 2,900, the hold music 2,340 at most.
 */
async function heardBy(number: string): Promise<"the agent" | "music" | "nothing"> {
  const url = new URL("/lines", process.env.CLICK2CALL_CARRIER);
  const lines = (await (await fetch(url)).json()) as Line[];
  const rms = lines.find((l) => l.number.endsWith(number))?.media.recent_rms ?? 0;
  if (rms > 2600) return "the agent";
  return rms > 200 ? "music" : "nothing";
}

interface Line {
  number: string;
  media: { recent_rms: number };
}

/** How many things move for longer than an eye notices. */
function moving(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      document
        .getAnimations()
        .filter((a) => a.playState === "running" && Number(a.effect?.getComputedTiming().activeDuration) > 50).length,
  );
}

test("a cell of the heat map leads to the calls behind it", async ({ page }) => {
  await makeOutcomes(page, 2);
  await page.goto("/reports?range=7d");
  const cell = page.getByRole("region", { name: "Answer rate by weekday and hour" }).getByRole("link").last();
  const calls = Number(/of (\d+) calls? answered/.exec((await cell.textContent()) ?? "")?.[1]);
  expect(calls).toBeGreaterThanOrEqual(2);
  await cell.click();
  await expect(page).toHaveURL(/\/calls\?.*weekday=[1-7]&hour=\d+&tz=Asia%2FKolkata/);
  await expect(page.getByRole("table", { name: "Calls" }).locator("tbody tr")).toHaveCount(calls);
  await expect(page.getByRole("textbox", { name: "Hour" })).toHaveValue(/^\d\d:00 – \d\d:59$/);
});

test("who goes back to a list is where they left it, at the row that they opened", async ({ page }) => {
  await makeOutcomes(page, 12);
  await page.setViewportSize({ width: 1440, height: 420 });
  await page.goto("/calls");
  const row = page.getByRole("table", { name: "Calls" }).locator("a[data-row-link]").nth(9);
  await row.scrollIntoViewIfNeeded();
  await page.mouse.wheel(0, 120);
  const href = (await row.getAttribute("href")) ?? "";
  await row.click();
  await expect(page.getByRole("listbox", { name: /Timeline/ })).toBeVisible();
  const before = await page.evaluate(() => window.scrollY);
  expect(before).toBe(0);
  await page.goBack();
  await expect(page.locator(`a[data-row-link][href="${href}"]`)).toBeFocused();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(60);
});
