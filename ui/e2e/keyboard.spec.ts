import { expect, settled, test } from "./bench";

test("the keyboard leads everywhere", async ({ page }) => {
  await page.goto("/");
  await settled(page, "Overview");
  for (const [key, title] of [
    ["c", "Calls"],
    ["d", "Deliveries"],
    ["t", "Trunks"],
    ["p", "Dial preview"],
  ] as const) {
    await page.locator("body").press("Escape");
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await settled(page, title);
  }
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("/");
  await expect(page.getByRole("textbox", { name: "Search calls" })).toBeFocused();
  await page.keyboard.type("no-such-case-anywhere");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Nothing found.")).toBeVisible();
});

test("j and k walk through a list, Enter opens, and the title has the focus then", async ({ page }) => {
  await page.goto("/calls");
  await settled(page, "Calls");
  await page.keyboard.press("j");
  const first = page.locator("[data-row-link]").first();
  await expect(first).toBeFocused();
  const href = await first.getAttribute("href");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${href}$`));
  await expect(page.locator("#page-title")).toBeVisible();
});

test("a form that cannot be saved shows what is wrong, wherever that is", async ({ page }) => {
  await page.goto("/settings");
  await settled(page, "Settings");
  const schedule = page.getByLabel("Schedule", { exact: true });
  await schedule.fill("30s, 1m");
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(schedule).toBeFocused();
  await expect(page.getByText("begin with 0s")).toBeInViewport();
  await page.getByRole("button", { name: "Undo changes" }).click();
});

test("a form saves with Ctrl Enter, and warns before it loses changes", async ({ page }) => {
  await page.goto("/settings");
  await settled(page, "Settings");
  const ring = page.getByLabel("Ring timeout");
  const was = await ring.inputValue();
  await ring.fill("90s");
  await expect(page.getByText("From 5s to 1m 15s")).toBeVisible();
  await ring.fill("44s");
  const away = page.getByRole("link", { name: "Trunks", exact: true });
  await away.click();
  await expect(page.getByRole("dialog", { name: "Leave without saving?" })).toBeVisible();
  await page.getByRole("button", { name: "Stay" }).click();
  await expect(away).toBeFocused(); // the dialog gives the focus back; Ctrl Enter on a link opens it in a new tab
  await ring.press("Control+Enter");
  await expect(page.getByText("Saved. New calls use it")).toBeVisible();
  await expect(page.getByText("ring timeout").first()).toBeVisible();
  await page.getByLabel("Ring timeout").fill(was);
  await page.getByLabel("Ring timeout").press("Control+Enter");
  await expect(page.getByRole("button", { name: "Save" })).toBeDisabled();
});
