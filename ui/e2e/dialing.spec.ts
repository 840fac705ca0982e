import { expect, settled, test } from "./bench";

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
