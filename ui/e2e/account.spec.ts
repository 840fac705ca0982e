import { expect, makeOutcomes, settled, test } from "./bench";

test("people change their own password from the account's menu; the wrong one is refused, the new one logs in", async ({
  page,
  browser,
  baseURL,
}) => {
  await makeOutcomes(page, 1);
  const name = `asha${Date.now()}`;
  const made = await page.request.post("/api/admin/users", { data: { name, role: "operator" } });
  const { one_time_password: oneTime } = (await made.json()) as { one_time_password: string };
  const theirs = await browser.newContext({ baseURL, storageState: { cookies: [], origins: [] } });
  const first = await theirs.request.post("/api/admin/login", { data: { name, password: oneTime } });
  expect(first.ok()).toBe(true);
  const chosen = "the first that she chose";
  expect(
    (
      await theirs.request.post("/api/admin/me/password", { data: { current_password: oneTime, new_password: chosen } })
    ).ok(),
  ).toBe(true);

  const own = await theirs.newPage();
  await own.goto("/calls");
  await settled(own, "Calls");
  await own.getByRole("button", { name: `Account of ${name}` }).click();
  await own.getByRole("menuitem", { name: "Change password" }).click();
  await expect(own.getByRole("heading", { name: "Change password" })).toBeVisible();
  const next = "the second that she chose";
  await own.getByLabel("Current password").fill("not the one she has");
  await own.getByLabel("New password", { exact: true }).fill("short");
  await expect(own.getByText("5 more")).toBeVisible();
  await own.getByLabel("New password", { exact: true }).fill(next);
  await own.getByLabel("New password again").fill("something else");
  await expect(own.getByText("The two differ.")).toBeVisible();
  await own.getByLabel("New password again").fill(next);
  await own.getByRole("button", { name: "Change password" }).click();
  await expect(own.getByRole("alert")).toContainText("is not your password");
  await own.getByLabel("Current password").fill(chosen);
  await own.getByRole("button", { name: "Change password" }).click();
  await settled(own, "Overview");

  await own.getByRole("button", { name: `Account of ${name}` }).click();
  await own.getByRole("menuitem", { name: "Log out" }).click();
  await expect(own.getByRole("heading", { name: "Log in to Click2Call" })).toBeVisible();
  await own.getByLabel("Name", { exact: true }).fill(name);
  await own.getByLabel("Password", { exact: true }).fill(next);
  await own.getByRole("button", { name: "Log in" }).click();
  await settled(own, "Overview");
  await own.context().clearCookies();
  await own.goto("/"); // whose data was asked for without a session, before anybody logged in
  await own.getByLabel("Name", { exact: true }).fill(name);
  await own.getByLabel("Password", { exact: true }).fill(next);
  await own.getByRole("button", { name: "Log in" }).click();
  await settled(own, "Overview");
  await expect(own.getByRole("table", { name: "Latest calls" })).toBeVisible();
  await expect(own.getByRole("alert")).toHaveCount(0);
  await theirs.close();
});

test("an address that leads nowhere says so, and the way on", async ({ page }) => {
  await page.goto("/no/such/page");
  await settled(page, "There is no such page");
  await page.getByRole("link", { name: "Calls", exact: true }).click();
  await settled(page, "Calls");
});
