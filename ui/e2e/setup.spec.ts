import { expect, settled, startCall, test } from "./bench";

test("a trunk is added, takes the next call's number, and goes again", async ({ page }) => {
  await page.goto("/trunks/new");
  await page.getByLabel("Label").fill("Spec trunk");
  await page.getByRole("textbox", { name: "LiveKit trunk" }).click();
  await page.getByRole("option").first().click();
  await page.getByLabel("Prefix").fill("12x");
  await expect(page.getByText("At most 16 digits or the signs + * #")).toBeVisible();
  await page.getByLabel("Prefix").fill("77");
  await page.getByLabel("Default DID").fill("09876543210");
  await page.getByLabel("Calls at once").fill("30");
  await page.getByRole("button", { name: "Add the trunk" }).click();
  await expect(page.getByText("Trunk Spec trunk saved.")).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Spec trunk" })).toContainText("+919876543210");

  await page.goto("/dial-preview");
  await page.getByLabel("Customer number").fill("95302517");
  const card = page.getByRole("region", { name: "Trunk Spec trunk" });
  await expect(page.getByText("It must be exactly 10 ASCII digits")).toBeVisible();
  await page.getByLabel("Customer number").fill("9530251797");
  await expect(card.getByText("We dial").locator("..")).toContainText("779530251797");
  await expect(card.getByText("The CRM sees").locator("..")).toContainText("9530251797");

  await page.goto("/trunks");
  await page.getByRole("link", { name: "Spec trunk" }).click();
  await expect(page.getByText("Nothing was dialed through it yet")).toBeVisible();
  await expect(page.getByText("30 at most")).toBeVisible();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Remove" }).click();
  await page
    .getByRole("dialog", { name: "Remove the trunk Spec trunk?" })
    .getByRole("button", { name: "Remove" })
    .click();
  await expect(page.getByRole("heading", { level: 1, name: "Trunks" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Spec trunk" })).toHaveCount(0);
});

test("the next call leaves by a trunk that was just made the default, which then cannot be removed", async ({
  page,
}) => {
  const label = `Next ${Date.now()}`;
  await page.goto("/trunks");
  const before =
    (await page.getByRole("row").filter({ hasText: "Default" }).nth(1).getByRole("link").textContent())
      ?.replace("Default", "")
      .trim() ?? "";
  const makeDefault = async (name: string) => {
    await page.getByRole("link", { name }).click();
    await page.getByRole("button", { name: "Make it the default" }).click();
    await expect(page.getByText("The default: new calls leave by it.")).toBeVisible();
    await page.goto("/trunks");
    await expect(page.getByRole("row").filter({ hasText: name }).getByRole("cell").nth(4)).toHaveText("Default");
  };
  await page.getByRole("link", { name: "Add a trunk" }).click();
  await page.getByLabel("Label").fill(label);
  await page.getByRole("textbox", { name: "LiveKit trunk" }).click();
  await page.getByRole("option").first().click();
  await page.getByLabel("Default DID").fill("+912233445566");
  await page.getByRole("button", { name: "Add the trunk" }).click();
  await makeDefault(label);

  await startCall(page, "9004860100");
  await expect(page.getByText("the customer was busy (486)")).toBeVisible({ timeout: 15_000 });
  await page.getByRole("link", { name: "The call's page" }).click();
  const attempt = page.getByRole("table", { name: "Attempts" }).getByRole("row").nth(1);
  await expect(attempt).toContainText(label);
  await expect(attempt).toContainText("486 busy");
  await expect(page.getByText("+912233445566").first()).toBeVisible();

  await page.goto("/trunks");
  await makeDefault(before);
  await page.getByRole("link", { name: label }).click();
  await expect(page.getByRole("table", { name: "Last dials" }).getByRole("row").nth(1)).toContainText("busy · 486");
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Calls went through this trunk" })).toBeVisible();
});

test("wrong LiveKit credentials are explained, and nothing is saved", async ({ page }) => {
  await page.goto("/settings");
  await settled(page, "Settings");
  const tail = await page.getByLabel(/^ends in /).textContent();
  await page.getByRole("button", { name: "Replace" }).first().click();
  await page.getByLabel("API secret").fill("a secret that LiveKit does not know");
  await page.getByRole("button", { name: "Check without saving" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /secret/i })).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Not saved: LiveKit did not accept these credentials")).toBeVisible();
  await page.getByLabel("URL").fill("ws://127.0.0.1:1");
  await page.getByRole("button", { name: "Check without saving" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "No LiveKit server answers at this URL" })).toBeVisible();
  page.once("dialog", (dialog) => void dialog.accept());
  await page.goto("/settings");
  await settled(page, "Settings");
  expect(await page.getByLabel(/^ends in /).textContent()).toBe(tail);
});

test("a viewer sees and touches nothing; a key is shown once and revoked", async ({ page, browser, baseURL }) => {
  const name = `viewer${Date.now()}`;
  await page.goto("/access");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("textbox", { name: "Role" }).click();
  await page.getByRole("option", { name: /Viewer/ }).click();
  await page.getByRole("button", { name: "Add user" }).click();
  const password = (await page.getByLabel("Copy it now").locator("code").textContent()) ?? "";

  const theirs = await browser.newContext({ baseURL, storageState: { cookies: [], origins: [] } });
  const viewer = await theirs.newPage();
  await viewer.goto("/trunks");
  await viewer.getByLabel("Name", { exact: true }).fill(name);
  await viewer.getByLabel("Password", { exact: true }).fill(password);
  await viewer.getByRole("button", { name: "Log in" }).click();
  await viewer.getByLabel("One-time password").fill(password);
  await viewer.getByLabel("New password", { exact: true }).fill("a viewer's password");
  await viewer.getByLabel("New password again").fill("a viewer's password");
  await viewer.getByRole("button", { name: "Change password" }).click();
  await settled(viewer, "Overview");
  await viewer.goto("/trunks");
  await settled(viewer, "Trunks");
  await expect(viewer.getByText("Add a trunk")).toHaveCount(0);
  await viewer.goto("/settings");
  await expect(viewer.getByLabel("Ring timeout")).toBeDisabled();
  await viewer.goto("/access");
  await expect(viewer.getByText("Only admins see this page")).toBeVisible();
  await viewer.goto("/test-call");
  await expect(viewer.getByText("Viewers make no calls")).toBeVisible();
  await theirs.close();

  await page.goto("/access?tab=keys");
  await page.getByLabel("Name of the key").fill(`key of ${name}`);
  await page.getByRole("button", { name: "Create a key" }).click();
  const key = (await page.getByLabel("Copy it now").locator("code").textContent()) ?? "";
  const list = () => page.request.get("/api/c2c/calls", { headers: { "X-api-key": key } });
  expect((await list()).status()).toBe(200);
  const row = page.getByRole("row").filter({ hasText: `key of ${name}` });
  await row.hover();
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toContainText("Revoked");
  expect((await list()).status()).toBe(401);

  await page.goto("/access");
  await page.getByRole("button", { name: `Actions for ${name}` }).click({ force: true });
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("row").filter({ hasText: name })).toHaveCount(0);
});
