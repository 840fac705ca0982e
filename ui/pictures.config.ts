import { defineConfig } from "@playwright/test";

// The console's pictures, taken on a stage: the built console before a server that answers from pictures/, at a moment that
// stands still. They need no product and no lab.
export default defineConfig({
  testDir: "pictures",
  outputDir: "test-results/pictures",
  workers: 1,
  timeout: 30_000,
  reporter: [["list"]],
  use: {
    timezoneId: "Asia/Kolkata",
    locale: "en-IN",
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--hide-scrollbars",
        "--font-render-hinting=none",
        "--disable-lcd-text",
        "--force-color-profile=srgb",
      ],
    },
  },
});
