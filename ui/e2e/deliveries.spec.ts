import type { Page } from "@playwright/test";
import { crmBehaves, expect, makeOutcomes, settled, test } from "./bench";

test.afterEach(({ page }) => crmBehaves(page, {}));

const rows = (page: Page) => page.getByRole("table", { name: "Deliveries" }).locator("tbody tr");
const figure = (page: Page, name: string) => page.locator(`dt:text-is("${name}") + dd`);

test("a bulk replay, from the dry run to its end, with a pause and a walk away", async ({ page }) => {
  await crmBehaves(page, { status: 503 });
  await makeOutcomes(page, 8);
  await page.goto("/deliveries?state=waiting");
  await expect(rows(page).filter({ hasText: "503" })).toHaveCount(8);
  await expect(page.getByRole("navigation", { name: "States" }).getByRole("link", { name: /^Waiting/ })).toHaveText(
    "Waiting8",
  );
  await crmBehaves(page, {});

  await page.getByRole("link", { name: "Replay", exact: true }).click();
  await expect(page).toHaveURL(/\/deliveries\/replay\?state=waiting$/);
  await expect(page.getByRole("status")).toContainText("8 deliveries");
  await expect(page.getByRole("status")).toContainText("8 waiting");
  await page.getByLabel("Attempts a second").fill("2");
  await page.getByRole("button", { name: "Replay 8 deliveries" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Replay of 8 deliveries" })).toContainText("Running");
  await expect(figure(page, "Succeeded")).not.toHaveText("0");
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Paused");
  await expect(page.getByText("Nothing is sent until somebody resumes it.")).toBeVisible();
  await page.goto("/deliveries");
  await page.getByRole("link", { name: /^Replay paused: [1-7] left of 8 deliveries$/ }).click();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Done", { timeout: 20_000 });
  await expect(page.getByText("All of it was sent, and the CRM took it.")).toBeVisible();
  for (const [name, n] of [
    ["Sent", "8"],
    ["Succeeded", "8"],
    ["Failed", "0"],
    ["Left", "0"],
  ] as const)
    await expect(figure(page, name)).toHaveText(n);
  await page.goto("/deliveries?state=waiting");
  await expect(page.getByText("No delivery fits these filters")).toBeVisible();
});

test("ticked deliveries are replayed, which says that the CRM has them, and cancelled", async ({ page }) => {
  await makeOutcomes(page, 3);
  await page.goto("/deliveries?state=delivered");
  for (let i = 0; i < 3; i++) await rows(page).nth(i).getByRole("checkbox").check();
  await page.getByRole("link", { name: "Replay 3 deliveries" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "The CRM has taken 3 of them already" })).toBeVisible();
  await page.getByLabel("Attempts a second").fill("1");
  await page.getByRole("button", { name: "Replay 3 deliveries" }).click();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel this replay?" });
  await expect(dialog).toContainText("stay as they are");
  await dialog.getByRole("button", { name: "Cancel the replay" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Cancelled");
  await page.getByRole("link", { name: "New replay" }).click();
  await expect(page.getByRole("table", { name: "Replays" }).getByRole("row").nth(1)).toContainText(
    "3 chosen deliveries",
  );
});

test("one delivery is replayed from its page, and its attempt appears there", async ({ page }) => {
  await makeOutcomes(page, 1);
  await page.goto("/deliveries?state=delivered");
  await rows(page).first().getByRole("link").click();
  const attempts = page.getByRole("list", { name: "Attempts, the latest first" }).getByRole("button");
  await expect(attempts).toHaveCount(1);
  await page.getByRole("button", { name: "Copy as cURL" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(command).toMatch(/^curl -i -X POST/);
  expect(command).toMatch(/"phone_to": ?"9002000100"/);
  expect(command).toMatch(/-H 'x-api-key: '"\$X_API_KEY"/i);
  await page.getByRole("button", { name: "Replay" }).click();
  await expect(attempts).toHaveCount(2);
  await expect(attempts.first()).toContainText("replay");
});

test("the bench scores a receiver, and says what to change in a bad one", async ({ page }) => {
  await page.goto("/settings");
  await settled(page, "Settings");
  await page.getByRole("table", { name: "CRM webhook" }).getByRole("link").first().click();
  const run = page.getByRole("button", { name: /^Run all \d+ trials$/ });
  const trials = Number(/\d+/.exec((await run.textContent()) ?? "")?.[0]);
  await run.click();
  await expect(page.getByText("Running")).toBeVisible();
  await expect(page.getByText(`${trials} of ${trials} passed. This receiver is ready.`)).toBeVisible({
    timeout: 45_000,
  });

  await crmBehaves(page, { status: 500 });
  const forged = page.getByRole("listitem").filter({ hasText: "A duplicate" }).first();
  await forged.getByText("A duplicate", { exact: true }).click();
  await forged.getByRole("button", { name: "Run it again" }).click();
  await expect(forged.getByText("Failed")).toBeVisible();
  await expect(forged.getByText("What to change")).toBeVisible();
  await expect(forged.getByText(/^evt_test_/).first()).toBeVisible();
});

test("the webhook's URL is changed, and checked as one types", async ({ page }) => {
  await page.goto("/endpoints/default");
  await page.getByRole("button", { name: "Change" }).click();
  const url = page.getByLabel("URL", { exact: true });
  const was = await url.inputValue();
  await url.fill("crm.example.com");
  await expect(page.getByText("A URL such as https://crm.example.com/hooks/calls")).toBeVisible();
  for (const next of [`${was}?from=spec`, was]) {
    await url.fill(next);
    await url.press("Control+Enter");
    await expect(page.locator("dd code")).toHaveText(next.replace("=spec", "=[redacted]"));
    if (next !== was) await page.getByRole("button", { name: "Change" }).click();
  }
});

test("a signing secret is rotated beside the old one, shown once, and revoked", async ({ page }) => {
  await page.goto("/endpoints/default");
  const secrets = page.getByRole("table", { name: "Signing secrets" }).locator("tbody tr");
  const shown = page.getByLabel("Copy it now").locator("code");
  const rotate = async () => {
    await page.getByRole("button", { name: "Rotate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Make a new one" }).click();
  };
  await expect(secrets).toHaveCount(1);
  await rotate();
  await expect(secrets).toHaveCount(2);
  await expect(secrets.first()).toContainText("Being replaced");
  const leaked = (await shown.textContent()) ?? "";
  expect(leaked).toMatch(/^whsec_/);
  await rotate();
  await expect(secrets).toHaveCount(3);
  await expect(shown).not.toHaveText(leaked);
  const fresh = (await shown.textContent()) ?? "";

  // The newest stays: nothing could be signed when the others end. The first one stays, too: the lab's CRM knows it.
  await expect(secrets.filter({ hasText: fresh.slice(-4) }).getByRole("button", { name: "Revoke" })).toHaveCount(0);
  const row = secrets.filter({ hasText: leaked.slice(-4) });
  await row.hover();
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toHaveCount(0);
  await expect(secrets).toHaveCount(2);
  await page.reload();
  await expect(page.getByText(fresh)).toHaveCount(0);
});

test("custom headers are never shown, and another host asks for what is stored; a pause says what it means", async ({
  page,
}) => {
  await page.goto("/endpoints/default");
  const change = () => page.getByRole("button", { name: "Change" }).click();
  await change();
  const url = page.getByLabel("URL", { exact: true });
  const was = await url.inputValue();
  const headers = page.getByLabel("Custom headers");
  await headers.fill("X-Tenant 42");
  await expect(page.getByText("Each line is a name, a colon and a value")).toBeVisible();
  await headers.fill("X-Tenant: forty-two");
  await headers.press("Control+Enter");
  await expect(page.locator('dt:text-is("Custom headers") + dd')).toHaveText("X-Tenant");

  await change();
  await url.fill("https://crm.example.com/hooks");
  await expect(page.getByText("Type it again: what is stored does not go to another host")).toHaveCount(2);
  await url.fill(was);
  await expect(page.getByText("Type it again: what is stored does not go to another host")).toHaveCount(0);
  await page.getByRole("button", { name: "Replace: Custom headers" }).click();
  await url.press("Control+Enter");
  await expect(page.locator('dt:text-is("Custom headers") + dd')).toHaveText("none");
  await expect(page.getByText("forty-two")).toHaveCount(0);

  for (const [verb, then] of [
    ["Pause", "Paused"],
    ["Resume", "Working"],
  ] as const) {
    await page.getByRole("button", { name: `${verb} deliveries` }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: `${verb} deliveries` })
      .click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText(then);
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
});
