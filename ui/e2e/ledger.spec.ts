import type { Page } from "@playwright/test";
import { expect, makeOutcomes, settled, test } from "./bench";

/** The figure of an account's line. */
async function figure(page: Page, account: string, line: string): Promise<number> {
  const row = page
    .getByRole("table", { name: account })
    .getByRole("row")
    .filter({ has: page.getByRole("rowheader", { name: new RegExp(`^${line}`) }) });
  return Number((await row.getByRole("cell").textContent())?.replace(/,/g, ""));
}

async function sumOf(page: Page, account: string, lines: string[]): Promise<number> {
  let sum = 0;
  for (const line of lines) sum += await figure(page, account, line);
  return sum;
}

test("the ledger counts new calls, and its sums agree", async ({ page }) => {
  await makeOutcomes(page, 1);
  await page.goto("/");
  await page.getByRole("region", { name: "Deliveries" }).getByRole("link", { name: "Ledger" }).click();
  await settled(page, "Ledger");
  await expect(page.getByRole("status").filter({ hasText: "Everything is accounted for" })).toBeVisible();
  await expect(page.getByText("Adds up", { exact: true })).toHaveCount(2);
  const before = await figure(page, "Calls", "Accepted");
  await makeOutcomes(page, 2);
  await expect.poll(() => figure(page, "Calls", "Accepted"), { timeout: 20_000 }).toBe(before + 2); // it reads itself again

  expect(await sumOf(page, "Calls", ["Live", "With an outcome"])).toBe(before + 2);
  const outcomes = await figure(page, "Outcomes", "Outcomes");
  expect(outcomes).toBe(await figure(page, "Calls", "With an outcome"));
  expect(await sumOf(page, "Outcomes", ["Acknowledged", "Waiting for retry", "On hold", "Failed for good"])).toBe(
    outcomes,
  );
  await page.getByRole("link", { name: "Accepted" }).click();
  await expect(page).toHaveURL(/\/calls\?since=/);
  await settled(page, "Calls");
});

// What a product that works does not show, as the server would tell it: the e2e tests in Go make the server tell it.
const ledger = {
  at: "2026-03-02T10:00:00Z",
  since: "2026-03-01T10:00:00Z",
  balanced: true,
  accepted: 0,
  live: 0,
  outcomes: 0,
  acknowledged: 0,
  waiting: 0,
  parked: 0,
  dead: 0,
  missing: 0,
  overdue: 0,
  last_check: null as object | null,
};
const check = {
  at: "2026-03-02T09:58:00Z",
  calls_checked: 3,
  deliveries_checked: 1,
  calls_ended: 1,
  deliveries_started: 0,
  unresolved: [] as string[],
  calls_ended_total: 4,
  deliveries_started_total: 1,
};

async function openWith(page: Page, change: Partial<typeof ledger>): Promise<void> {
  await page.route("**/api/admin/ledger", (route) => route.fulfill({ json: { ...ledger, ...change } }));
  await page.goto("/ledger");
  await settled(page, "Ledger");
}

test("an empty ledger says so, and where a first call comes from", async ({ page }) => {
  await openWith(page, {});
  await expect(page.getByText("No calls in the last 24 hours")).toBeVisible();
  await expect(page.getByText("The first one is still to come.")).toBeVisible();
  await page.getByRole("main").getByRole("link", { name: "test call" }).click();
  await settled(page, "Test call");
});

test("what was healed is told, and what could not be is named and linked", async ({ page }) => {
  await openWith(page, {
    accepted: 4,
    outcomes: 3,
    live: 1,
    acknowledged: 3,
    last_check: { ...check, unresolved: ["c2c_lost", "evt_lost"] },
  });
  const fact = (name: string) => page.locator(`dt:text-is("${name}") + dd`);
  await expect(fact("Checked")).toHaveText("3 calls, 1 delivery");
  await expect(fact("Repaired in the last check")).toHaveText("1 call, 0 deliveries");
  await expect(fact("Repaired in total")).toHaveText("4 calls, 1 delivery");
  const unresolved = page.getByRole("alert").filter({ hasText: "2 not repaired yet" });
  await expect(unresolved.getByRole("link", { name: "c2c_lost" })).toHaveAttribute("href", "/calls/c2c_lost");
  await expect(unresolved.getByRole("link", { name: "evt_lost" })).toHaveAttribute("href", "/deliveries/evt_lost");
});

test("what does not add up is red where it is wrong, and there only", async ({ page }) => {
  await openWith(page, { balanced: false, accepted: 1_204, live: 1, outcomes: 1_200, acknowledged: 1_198, missing: 2 });
  await expect(page.getByRole("alert").filter({ hasText: "It does not add up" })).toBeVisible();
  const total = (account: string) => page.getByRole("table", { name: account }).getByRole("row").last();
  await expect(total("Calls")).toContainText("3 astray");
  await expect(total("Outcomes")).toContainText("2 astray");
  await page.unrouteAll();
  await openWith(page, { balanced: false, accepted: 3, outcomes: 3, acknowledged: 2, missing: 1 });
  await expect(total("Calls")).toContainText("Adds up");
  await expect(total("Outcomes")).toContainText("1 astray");
});

test("outcomes that failed for good are said before all that is well, and each number leads to its own day", async ({
  page,
}) => {
  await openWith(page, { accepted: 9, outcomes: 9, acknowledged: 6, waiting: 1, dead: 2 });
  await expect(page.getByRole("alert").filter({ hasText: "2 outcomes never reached the CRM" })).toBeVisible();
  await expect(page.getByRole("main")).not.toContainText("on its way");
  await expect(page.getByRole("main")).not.toContainText("Everything is accounted for");
  for (const name of ["Failed for good", "Waiting for retry", "On hold", "Acknowledged by the CRM"]) {
    await expect(page.getByRole("link", { name, exact: true })).toHaveAttribute("href", /[?&]since=/);
  }
});
