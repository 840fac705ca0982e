import type { Page } from "@playwright/test";
import { expect, settled, test } from "./bench";

/** Adds a route through the first trunk, for numbers of a pattern. */
async function addRoute(page: Page, name: string, pattern: string): Promise<void> {
  await page.goto("/routes/new");
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await page.getByLabel("Number pattern").fill(pattern);
  await page.getByRole("textbox", { name: "Trunk 1", exact: true }).click();
  await page.getByRole("option").first().click();
  await page.getByRole("button", { name: "Add the route" }).click();
  await expect(page.getByText(`Route ${name} saved.`)).toBeVisible();
}

async function removeRoute(page: Page, name: string): Promise<void> {
  const row = page.getByRole("row", { name: new RegExp(`^\\d+\\. ${name}`) }); // not that of its caller IDs
  await row.hover();
  await row.getByRole("button", { name: `Remove ${name}` }).click();
  const dialog = page.getByRole("dialog", { name: `Remove the route ${name}?` });
  await dialog.getByRole("button", { name: "Remove" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("link", { name })).toHaveCount(0);
}

async function addCallerID(page: Page, route: string, number: string): Promise<void> {
  await page.getByRole("button", { name: "Add a number" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a caller ID" });
  await dialog.getByRole("textbox", { name: "Route" }).click();
  await page.getByRole("option", { name: route }).click();
  await dialog.getByLabel("Number").fill(number);
  await dialog.getByRole("button", { name: "Add the number" }).click();
  await expect(dialog).toHaveCount(0);
  const row = page.getByRole("table", { name: "Caller IDs" }).getByRole("row", { name: number.replaceAll(" ", "") });
  await expect(row).toContainText(`route ${route}`);
}

test("a route takes the calls that it says, and is told when no call can reach it", async ({ page }) => {
  await page.goto("/routes");
  await settled(page, "Routes");
  await expect(page.getByText(/^Without routes all calls leave by .+, the default/)).toBeVisible();
  await page.goto("/routes/new");
  await page.getByLabel("Number pattern").fill("98");
  await expect(page.getByText("Ten digits or x, or fewer and a * at the end")).toBeVisible();

  await addRoute(page, "Spec wide", "98*");
  await addRoute(page, "Spec narrow", "981*");
  const narrow = page.getByRole("row").filter({ hasText: "Spec narrow" });
  await expect(narrow).toContainText("Never reached");
  await expect(narrow).toContainText("“Spec wide” above takes all its calls.");
  await narrow.hover();
  await narrow.getByRole("button", { name: "Move Spec narrow up" }).click();
  await expect(narrow).not.toContainText("Never reached");

  const plan = page.getByRole("region", { name: "Which way it would go" });
  await page.goto("/dial-preview?number=9810000000");
  await expect(plan.getByRole("link", { name: "Spec narrow" })).toBeVisible();
  await page.getByLabel("Customer number").fill("9820000000");
  await expect(plan.getByRole("link", { name: "Spec wide" })).toBeVisible();
  await expect(plan.getByRole("table", { name: "Attempts in order" }).locator("tbody tr")).toHaveCount(1);
  await page.getByLabel("Customer number").fill("9530251797");
  await expect(plan).toContainText("takes it: the default trunk, then the others");

  await page.goto("/routes");
  await removeRoute(page, "Spec narrow");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Route Spec narrow is back.")).toBeVisible();
  await expect(page.getByRole("row").nth(1)).toContainText("Spec narrow");
  await addCallerID(page, "Spec wide", "+91 14000 99999");
  await removeRoute(page, "Spec narrow");
  await removeRoute(page, "Spec wide");
});

test("a number on a do-not-call list is refused with the reason, and called again when it is off", async ({ page }) => {
  const list = `Spec list ${Date.now()}`;
  const save = async () => {
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("button", { name: "Save", exact: true })).toBeDisabled();
  };
  const promotional = () =>
    page.getByRole("group", { name: "The lists below refuse" }).getByRole("checkbox", { name: "Promotional" });
  await page.goto("/permission");
  await settled(page, "Permission");
  await expect(page.getByText("Off: the lists refuse no call.")).toBeVisible();
  await page.getByLabel("Name of the list").fill(list);
  await page.getByRole("button", { name: "Create list" }).click();
  const row = page.getByRole("row").filter({ hasText: list });
  await row
    .locator("xpath=..")
    .locator("input[type=file]")
    .first()
    .setInputFiles({
      name: "numbers.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("number,reason\n9830251797,asked by mail\n12345,\n"),
    });
  await expect(row).toContainText("1 taken, 1 left out");
  await row.getByText("Why").click();
  await expect(row).toContainText("Line 3 holds no ten-digit number.");

  await promotional().check();
  await save();
  await expect(page.getByText("On for promotional calls.")).toBeVisible();
  await page.goto("/dial-preview?number=9830251797&purpose=promotional");
  const verdict = page.getByRole("status").filter({ hasText: /call/ });
  await expect(verdict).toContainText("No, not for a promotional call");
  await expect(verdict).toContainText("403 on_do_not_call_list");
  await page.getByRole("textbox", { name: "Purpose" }).click();
  await page.getByRole("option", { name: "Service" }).click();
  await expect(verdict).toContainText("Yes, for a service call");

  await page.goto("/permission");
  await settled(page, "Permission");
  await page.getByLabel("Number to look up").fill("+91 98302 51797");
  await page.getByRole("button", { name: "Look up" }).click();
  await expect(page.getByText("It is on 1 list")).toBeVisible();
  const entry = page.getByRole("table", { name: "Lists that the number is on" }).getByRole("row").nth(1);
  await expect(entry).toContainText("asked by mail");
  await entry.hover();
  await entry.getByRole("button", { name: "Take off" }).click();
  await expect(page.getByText("It is on no list")).toBeVisible();

  await promotional().uncheck();
  await save();
  await row.hover();
  await row.getByRole("button", { name: `Delete ${list}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
});
