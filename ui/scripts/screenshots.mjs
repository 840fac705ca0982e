// Takes the console's pictures: each page at two widths in both schemes. `make screenshots` starts a lab and runs this twice, on
// an empty product and on one with a month of calls. PNGs to look at go to SHOTS_RAW, small WebPs for the documents to SHOTS_OUT.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const env = (name) => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run make screenshots`);
  return value;
};
const base = env("CLICK2CALL_URL");
const full = env("SHOTS_MODE") === "full";
const mode = env("SHOTS_MODE");
const only = env("SHOTS_ONLY");
const password = "correct horse battery staple";
const quality = 0.72;
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

mkdirSync(env("SHOTS_RAW"), { recursive: true });
mkdirSync(env("SHOTS_OUT"), { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--hide-scrollbars",
  ],
});
const context = await browser.newContext({
  baseURL: base,
  timezoneId: env("SHOTS_ZONE"),
  locale: "en-GB",
  permissions: ["microphone"],
  viewport: sizes[0],
});
const page = await context.newPage();
page.setDefaultTimeout(30_000);
const studio = await context.newPage(); // turns PNG into WebP

/** Says whether a page's pictures are wanted. */
const wanted = (name) => name.includes(only);

async function shoot(name) {
  for (const size of sizes) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      await page.evaluate(() => document.fonts.ready);
      const file = `${name}-${mode}-${size.width}-${colorScheme}`;
      const png = await page.screenshot({ animations: "disabled", caret: "hide" });
      writeFileSync(join(env("SHOTS_RAW"), `${file}.png`), png);
      writeFileSync(join(env("SHOTS_OUT"), `${file}.webp`), await webp(png));
    }
  }
  await page.setViewportSize(sizes[0]);
  console.log(`  ${name} (${mode})`);
}

async function webp(png) {
  const url = await studio.evaluate(
    async ([data, q]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", q);
    },
    [png.toString("base64"), quality],
  );
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

async function open(path) {
  await page.goto(path);
  await page.locator("h1").first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll("[class*=Skeleton-root], [aria-busy=true]").length === 0);
}

async function shootPage(name, path, before) {
  if (!wanted(name)) return;
  await open(path);
  await before?.();
  await shoot(name);
}

async function logIn() {
  await page.goto("/login");
  if (!full && wanted("login")) {
    await page.getByRole("button", { name: "Log in" }).waitFor();
    await shoot("login");
  }
  for (const tried of [env("CLICK2CALL_PASSWORD"), password]) {
    await page.getByLabel("Name", { exact: true }).fill("admin");
    await page.getByLabel("Password", { exact: true }).fill(tried);
    const answer = page.waitForResponse("**/api/admin/login");
    await page.getByRole("button", { name: "Log in" }).click();
    if ((await answer).ok()) break;
  }
  await page.locator("h1").waitFor();
  if (!page.url().endsWith("/password")) return;
  if (wanted("password")) await shoot("password");
  await page.getByLabel("One-time password").fill(env("CLICK2CALL_PASSWORD"));
  await page.getByLabel("New password", { exact: true }).fill(password);
  await page.getByLabel("New password again").fill(password);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

async function post(path, data) {
  const answer = await page.request.post(path, { data });
  if (!answer.ok()) throw new Error(`POST ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? null : answer.json();
}

async function get(path) {
  const answer = await page.request.get(path);
  if (!answer.ok()) throw new Error(`GET ${path}: ${answer.status()}`);
  return answer.json();
}

/** What an installation has that people have used for a while: users, keys, a changed setting. */
async function furnish() {
  for (const [name, role] of [
    ["asha.rao", "operator"],
    ["team.lead", "viewer"],
    ["vikram", "operator"],
  ])
    await post("/api/admin/users", { name, role });
  for (const name of ["LeadSquare", "Collections CRM (staging)"]) await post("/api/admin/api-keys", { name });
  const settings = await get("/api/admin/settings");
  const { api_secret: _, ...livekit } = settings.livekit;
  for (const [i, call] of [
    { ring_timeout_seconds: 40 },
    { ring_timeout_seconds: 45, max_call_duration_seconds: 5400 },
  ].entries()) {
    await page.request.put("/api/admin/settings", {
      data: {
        version: settings.version + i,
        livekit,
        call: { ...settings.call, ...call },
        allowed_origins: ["https://crm.example.com"],
        delivery: settings.delivery,
      },
    });
  }
}

async function testCall() {
  if (!wanted("test-call")) return;
  await open("/test-call");
  await page.getByLabel("Number to call").fill("9002000200");
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await page.locator("main [role=status]").getByText("Talking").waitFor();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("[role=meter]")].every((m) => Number(m.getAttribute("aria-valuenow")) > 20),
  );
  await shoot("test-call-talking");
  await page.getByRole("button", { name: "Hang up" }).click();
  await page.getByText("Delivered").first().waitFor();
  await shoot("test-call-ended");
}

async function replay() {
  if (!wanted("replay")) return;
  const running = await post("/api/admin/replays", {
    selection: { state: ["delivered"], call_status: ["NOT_ANSWERED"] },
    rate_per_second: 60,
  });
  await open(`/deliveries/replays/${running.replay_id}`);
  await page
    .locator('dt:text-is("Sent") + dd')
    .getByText(/^[4-9]\d\d$/)
    .waitFor();
  await post(`/api/admin/replays/${running.replay_id}/pause`);
  await shoot("replay-progress");
  await post(`/api/admin/replays/${running.replay_id}/cancel`);
  await shootPage("replay-new", "/deliveries/replay?state=dead,pending");
}

await logIn();
if (!full) {
  for (const [name, path] of [
    ["overview", "/"],
    ["calls", "/calls"],
    ["deliveries", "/deliveries"],
    ["replay-new", "/deliveries/replay"],
    ["ledger", "/ledger"],
    ["reports", "/reports"],
    ["test-call", "/test-call"],
    ["dial-preview", "/dial-preview"],
    ["trunks", "/trunks"],
    ["trunk-new", "/trunks/new"],
    ["settings", "/settings"],
    ["webhook", "/endpoints/default"],
    ["access-users", "/access"],
    ["access-keys", "/access?tab=keys"],
    ["access-audit", "/access?tab=audit"],
    ["integration", "/integration"],
  ])
    await shootPage(name, path);
  await shootPage("webhook-change", "/endpoints/default", async () => {
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByLabel("URL", { exact: true }).fill("https://crm.example.com/hooks/calls");
    await page.getByText("Certificates", { exact: true }).click();
  });
} else {
  await shootPage("overview", "/"); // first, while a phone still rings
  await furnish();
  await testCall();
  await replay();
  await shootPage("webhook", "/endpoints/default", async () => {
    await page.getByRole("button", { name: /^Run all/ }).click();
    await page.getByText(/\d+ of \d+ passed\. (This|See)/).waitFor({ timeout: 60_000 });
  });
  const { calls } = await get("/api/admin/calls?reason=customer_hangup&limit=20");
  const talked = calls.find((c) => c.duration_seconds > 60 && c.case_id !== "test-call") ?? calls[0];
  const dead = (await get("/api/admin/deliveries?state=dead&limit=1")).deliveries[0];
  const trunk = (await get("/api/admin/trunks")).trunks[1];
  const month = await page.evaluate(() =>
    new Date(new Date().getFullYear(), new Date().getMonth(), new Date().getDate() - 29).toISOString(),
  );
  for (const [name, path] of [
    ["calls", "/calls"],
    ["calls-filtered", "/calls?call_status=FAILED&reason=trunk_unavailable"],
    ["call", `/calls/${talked.call_id}`],
    ["deliveries", "/deliveries"],
    ["deliveries-dead", "/deliveries?state=dead"],
    ["delivery", `/deliveries/${dead.event_id}`],
    ["reports", `/reports?since=${month}`],
    ["ledger", "/ledger"],
    ["dial-preview", "/dial-preview?number=9530251797"],
    ["trunks", "/trunks"],
    ["trunk", `/trunks/${trunk.trunk_id}`],
    ["settings", "/settings"],
    ["access-users", "/access"],
    ["access-keys", "/access?tab=keys"],
    ["access-audit", "/access?tab=audit"],
  ])
    await shootPage(name, path);
}
await browser.close();
