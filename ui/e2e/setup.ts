import { mkdirSync, rmSync } from "node:fs";
import { chromium, expect, type FullConfig } from "@playwright/test";

/** The password that the admin has once the specs are set up. */
export const adminPassword = "correct horse battery staple";

/** Logs in as people do at the first start, changes the one-time password, and keeps the session for the specs. */
export default async function setup(config: FullConfig): Promise<void> {
  const { baseURL, launchOptions } = config.projects[0]?.use ?? {};
  rmSync("test-results", { recursive: true, force: true });
  mkdirSync("test-results");
  const browser = await chromium.launch(launchOptions);
  const page = await browser.newPage({ baseURL });
  const first = process.env.CLICK2CALL_PASSWORD ?? adminPassword;
  await page.goto("/calls");
  await expect(page).toHaveURL(/\/login\?next=%2Fcalls$/);
  for (const password of [first, adminPassword]) {
    await page.getByLabel("Name", { exact: true }).fill("admin");
    await page.getByLabel("Password", { exact: true }).fill(password);
    const answer = page.waitForResponse("**/api/admin/login");
    await page.getByRole("button", { name: "Log in" }).click();
    if ((await answer).ok()) break;
  }
  await expect(page).not.toHaveURL(/login/);
  if (
    (await page
      .getByRole("heading", { name: "Choose your password" })
      .or(page.getByRole("heading", { name: "Calls" }))
      .textContent()) !== "Calls"
  ) {
    await page.getByLabel("One-time password").fill(first);
    await page.getByLabel("New password", { exact: true }).fill(adminPassword);
    await page.getByLabel("New password again").fill(adminPassword);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  }
  await page.context().storageState({ path: "test-results/admin.json" });
  await browser.close();
}
