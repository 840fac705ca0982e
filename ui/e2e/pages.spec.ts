import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, pages, pagesOfOne, settled, test } from "./bench";

// Contrast hangs on the scheme and structure on the width, so two of the four combinations say everything.
const views = [
  { colorScheme: "light", width: 1440 },
  { colorScheme: "dark", width: 390 },
] as const;

for (const [path, title] of pages)
  test(`${path} has nothing serious against it`, ({ page }) => inspect(page, path, title));

for (const [name, find] of pagesOfOne)
  test(`the page of ${name} has nothing serious against it`, async ({ page }) => inspect(page, ...(await find(page))));

/** What reaches over the page's right edge, if the page scrolls sideways. */
function tooWide(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const over = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > clientWidth);
  return [`${scrollWidth} of ${clientWidth}`, ...over.map((e) => e.outerHTML.slice(0, 120))].slice(0, 12);
}

async function inspect(page: Page, path: string, title: string): Promise<void> {
  await page.goto(path);
  for (const { colorScheme, width } of views) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    await settled(page, title);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
    expect(serious.map((v) => `${colorScheme}: ${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`)).toEqual([]);
    const wide = await page.evaluate(tooWide);
    expect(wide, `nothing scrolls sideways at ${width} but tables`).toEqual([]);
  }
}

test.describe("without a session", () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test("the integration guide is open, in both forms, and names this installation", async ({ page, baseURL }) => {
    await page.goto("/integration");
    await expect(page.getByRole("heading", { name: "Integration guide" })).toBeVisible();
    await expect(page.getByText(`const BASE = "${baseURL}"; // this Click2Call service`)).toBeVisible();
    await page
      .getByRole("figure")
      .filter({ hasText: "The agent's page" })
      .getByRole("button", { name: /Copy/ })
      .click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("async function startCall(res)");
    const markdown = await page.request.get("/integration.md");
    const guide = await markdown.text();
    expect(guide).toContain(`curl -X POST ${baseURL}/api/c2c/click2call`);

    await page.getByRole("tab", { name: "PHP" }).nth(1).click();
    await expect(page.getByText("CURLOPT_CUSTOMREQUEST => 'POST'").first()).toBeVisible();
    await page.getByRole("link", { name: "Reference", exact: true }).click();
    await expect(page.getByRole("heading", { name: "POST /api/c2c/click2call" })).toBeVisible();
    const links = [...guide.matchAll(/\]\((http[^)]+)\)/g)]
      .map((m) => m[1] ?? "")
      .filter((l) => l.startsWith(baseURL ?? ""));
    expect(links.length).toBeGreaterThan(8);
    for (const link of links) {
      const answer = await page.request.get(link);
      expect(answer.status(), link).toBe(200);
      if (link.includes("/receivers/")) expect(await answer.text(), link).not.toContain("<html");
    }
  });

  test("LiveKit's SDK and ours are served to pages of any origin", async ({ page }) => {
    for (const [file, name] of [
      ["livekit-client.umd.min.js", "LivekitClient"],
      ["click2call.js", "Click2Call"],
    ] as const) {
      const sdk = await page.request.get(`/sdk/${file}`);
      expect(sdk.headers()["access-control-allow-origin"]).toBe("*");
      expect(await sdk.text()).toContain(name);
    }
  });

  test("every other page asks for a login and comes back after it", async ({ page }) => {
    await page.goto("/reports?agent_id=x");
    await expect(page).toHaveURL(/\/login\?next=%2Freports%3Fagent_id%3Dx$/);
    await page.getByLabel("Name", { exact: true }).fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page.getByRole("alert")).toContainText("The name or the password is wrong");
  });
});
