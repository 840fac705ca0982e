import { test as base, expect, type Page } from "@playwright/test";

// What is logged as an error and is none: the server's refusals, which are a part of what specs try, and LiveKit's word on
// its data channels when the room is closed at the end of a call.
const expected = [/the server responded with a status of 4\d\d/, /^publisher data channel '\w+' closed unexpectedly/];

/** A page that fails its spec when the browser complains: errors of scripts, of the policy, of missing files. */
export const test = base.extend<{ quiet: void }>({
  quiet: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" && !expected.some((words) => words.test(message.text()))) complaints.push(message.text());
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
  ["/trunks", "Trunks"],
  ["/trunks/new", "Add a trunk"],
  ["/dial-preview?number=9530251797", "Dial preview"],
  ["/settings", "Settings"],
  ["/access", "Access"],
  ["/access?tab=keys", "Access"],
  ["/access?tab=audit", "Access"],
  ["/reports", "Reports"],
  ["/test-call", "Test call"],
  ["/integration", "Integration guide"],
];

/** Waits until a page shows its content and not its bones. */
export async function settled(page: Page, title: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
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
