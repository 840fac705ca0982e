import { test as base, expect, type Page } from "@playwright/test";

// What is logged as an error and is none: the server's refusals, which are a part of what specs try, and LiveKit's words on
// its data channels and its websocket when the room is closed at the end of a call: the server may close them before its client has
// heard of that.
const expected = [
  /the server responded with a status of 4\d\d/,
  /^publisher data channel '\w+' closed unexpectedly/,
  /^DataChannel error on \w+: User-Initiated Abort/,
  /^error reading from signal stream .*WS closed unexpectedly/,
];

/** A page that fails its spec when the browser complains: errors of scripts, of the policy, of missing files. */
export const test = base.extend<{ quiet: void }>({
  quiet: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" && !expected.some((words) => words.test(message.text())))
          complaints.push(message.text());
      });
      await use();
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Every page of the console with its title. */
export const pages: [path: string, title: string][] = [
  ["/", "Overview"],
  ["/calls", "Calls"],
  ["/deliveries", "Deliveries"],
  ["/deliveries/replay", "Replay deliveries"],
  ["/ledger", "Ledger"],
  ["/trunks", "Trunks"],
  ["/trunks/new", "Add a trunk"],
  ["/dial-preview?number=9530251797", "Dial preview"],
  ["/routes", "Routes"],
  ["/routes/new", "Add a route"],
  ["/permission", "Permission"],
  ["/settings", "Settings"],
  ["/endpoints/default", "CRM webhook"],
  ["/access", "Access"],
  ["/access?tab=keys", "Access"],
  ["/access?tab=audit", "Access"],
  ["/reports", "Reports"],
  ["/test-call", "Test call"],
  ["/integration", "Integration guide"],
  ["/password", "Change password"],
  ["/nowhere", "There is no such page"],
];

/** The pages of one thing each, with one to show: the thing is made or found by the API. */
export const pagesOfOne: [name: string, find: (page: Page) => Promise<[path: string, title: string]>][] = [
  ["a call", async (page) => [`/calls/${await anOutcome(page)}`, "90020"]],
  ["a delivery", async (page) => [`/deliveries/${(await anOutcome(page)).replace("c2c_", "evt_")}`, "evt_"]],
  [
    "a replay",
    async (page) => {
      await anOutcome(page);
      const started = await page.request.post("/api/admin/replays", {
        data: { selection: { state: ["delivered"] }, rate_per_second: 50 },
      });
      return [`/deliveries/replays/${((await started.json()) as { replay_id: string }).replay_id}`, "Replay of"];
    },
  ],
  [
    "a trunk",
    async (page) => {
      const { trunks } = (await (await page.request.get("/api/admin/trunks")).json()) as {
        trunks: { trunk_id: string; label: string }[];
      };
      return [`/trunks/${trunks[0]?.trunk_id}`, trunks[0]?.label ?? "a trunk"];
    },
  ],
];

/** Waits until a page shows its content and not its bones. */
export async function settled(page: Page, title: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: new RegExp(`^${title}`) })).toBeVisible();
  await expect(page.locator("[class*=Skeleton-root]")).toHaveCount(0);
}

/** Starts a test call to a number of the lab's carrier, whose scenarios lab/carrier/README.md lists. */
export async function startCall(page: Page, number: string): Promise<void> {
  await page.goto("/test-call");
  await page.getByLabel("Number to call").fill(number);
  await page.getByRole("button", { name: "Call", exact: true }).click();
}

/** The level that a meter shows, 0 to 100. */
export async function level(page: Page, name: string): Promise<number> {
  return Number(await page.getByRole("meter", { name }).getAttribute("aria-valuenow"));
}

/** Makes calls that are given up before anybody is dialed: the quickest way to outcomes. */
export async function makeOutcomes(page: Page, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await giveUp(page);
}

async function giveUp(page: Page): Promise<string> {
  const placed = await page.request.post("/api/admin/test-calls", { data: { customer_number: "9002000100" } });
  expect(placed.status()).toBe(201);
  const { call_id } = (await placed.json()) as { call_id: string };
  expect((await page.request.post(`/api/c2c/calls/${call_id}/hangup`)).ok()).toBe(true);
  return call_id;
}

/** Makes a call that is over and whose webhook was taken, and returns its id. */
async function anOutcome(page: Page): Promise<string> {
  const callID = await giveUp(page);
  const stateOf = async () => {
    const answer = await page.request.get(`/api/admin/deliveries/${callID.replace("c2c_", "evt_")}`);
    return ((await answer.json()) as { delivery?: { state: string } }).delivery?.state;
  };
  await expect.poll(stateOf).toBe("delivered");
  return callID;
}

/** Tells the lab's CRM how to treat webhooks from now on; {} is a good receiver. See lab/crm/behaviour.go. */
export async function crmBehaves(page: Page, behaviour: { status?: number }): Promise<void> {
  const control = new URL("/_control", process.env.CLICK2CALL_CRM);
  expect((await page.request.post(control.href, { data: behaviour })).ok()).toBe(true);
}
