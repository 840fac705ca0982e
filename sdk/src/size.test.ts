import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build, type Rollup } from "vite";
import { expect, test } from "vitest";

// What a page loads beside LiveKit's SDK: at most 8 KB of our own, and neither LiveKit nor React in it.
test(
  "the one file for pages without a build is small, and brings nothing else along",
  { timeout: 60_000 },
  async () => {
    const root = fileURLToPath(new URL("..", import.meta.url));
    const [built] = (await build({
      root,
      mode: "umd",
      logLevel: "error",
      build: { write: false },
    })) as Rollup.RollupOutput[];
    const [file] = built?.output ?? [];
    if (file?.type !== "chunk") throw new Error("nothing was built");
    expect(gzipSync(file.code, { level: 9 }).length).toBeLessThanOrEqual(8 * 1024);
    expect(file.imports).toEqual(["livekit-client"]);
    expect(file.code).toContain("LivekitClient");
  },
);
