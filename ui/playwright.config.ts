import { defineConfig } from "@playwright/test";

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

// The specs run against a whole product on the lab's real servers. CLICK2CALL_URL says where it is, CLICK2CALL_PASSWORD the
// password that its admin was given at the first start, CLICK2CALL_CRM the webhook URL of the lab's CRM, CLICK2CALL_CARRIER the address of its
// carrier's books.
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1, // they share one product, and calls are heard in real time
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  globalSetup: "./e2e/setup.ts",
  use: {
    baseURL: process.env.CLICK2CALL_URL ?? "http://127.0.0.1:8080",
    storageState: "test-results/admin.json",
    viewport: { width: 1440, height: 900 },
    timezoneId: "Asia/Kolkata",
    permissions: ["microphone", "clipboard-read", "clipboard-write"],
    trace: { mode: "retain-on-failure", screenshots: false, sources: false },
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-background-networking",
        "--disable-features=WebRtcHideLocalIpsWithMdns",
      ],
    },
  },
});
