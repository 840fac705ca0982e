import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { guide } from "./guide/plugin.ts";
import { mantineStyles } from "./scripts/mantineStyles.ts";

const server = process.env.CLICK2CALL_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "./", // the server says under which path it is: see handler.go
  plugins: [react(), guide(), mantineStyles()],
  resolve: {
    alias: {
      "@click2call/browser": fileURLToPath(new URL("../sdk/src/index.ts", import.meta.url)),
      "@": fileURLToPath(new URL("./src", import.meta.url)),
    },
  },
  server: {
    fs: { allow: [".."] },
    proxy: Object.fromEntries(
      ["/api", "/openapi.yaml", "/sdk", "/integration.md", "/schemas"].map((path) => [path, server]),
    ),
  },
  build: {
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2022",
    manifest: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        // The first load in three files: fifty would queue for the six connections that a browser opens, before the data that
        // they show, and one would be parsed by one core.
        codeSplitting: {
          groups: [
            { name: "react", tags: ["$initial"], test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: "libraries", tags: ["$initial"], test: /node_modules/ },
            { name: "console", tags: ["$initial"] },
          ],
        },
      },
    },
  },
  // A machine that is busy takes seconds for what takes a moment.
  test: { include: ["src/**/*.test.{ts,tsx}", "guide/**/*.test.ts"], testTimeout: 60_000 },
});
