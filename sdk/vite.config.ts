import { defineConfig } from "vitest/config";

// Two builds: ES modules, one for each entry, and with --mode umd the one file that the server serves at /sdk/click2call.js. What the page
// brings with it, LiveKit's SDK and React, is in neither.
export default defineConfig(({ mode }) => ({
  build: {
    outDir: "dist",
    emptyOutDir: mode !== "umd",
    target: "es2022",
    minify: mode === "umd",
    reportCompressedSize: false,
    lib:
      mode === "umd"
        ? { entry: "src/umd.ts", formats: ["umd"], name: "Click2Call", fileName: () => "click2call.js" }
        : { entry: { index: "src/index.ts", element: "src/element.ts", react: "src/react.ts" }, formats: ["es"] },
    rolldownOptions: {
      external: ["livekit-client", "react"],
      output: { globals: { "livekit-client": "LivekitClient" } },
    },
  },
  test: { include: ["src/**/*.test.ts"] },
}));
