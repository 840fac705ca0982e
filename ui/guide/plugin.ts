import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { blocksOf } from "./blocks.ts";

/**
 * Turns `x.md?guide` into the blocks that the integration page draws. The page and /integration.md thus have one
 * source, and no Markdown parser reaches the browser.
 */
export function guide(): Plugin {
  return {
    name: "guide",
    enforce: "pre",
    async load(id) {
      const [file, query] = id.split("?");
      if (query !== "guide" || !file) return null;
      this.addWatchFile(file);
      return `export default ${JSON.stringify(blocksOf(await readFile(file, "utf8")))}`;
    },
    async generateBundle() {
      const file = fileURLToPath(new URL("./integration.md", import.meta.url));
      this.emitFile({ type: "asset", fileName: "integration.md", source: await readFile(file, "utf8") });
    },
  };
}
