import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { blocksOf } from "./blocks.ts";
import { receivers } from "./receivers.ts";
import { referenceOf } from "./reference.ts";
import { writeOut } from "./requests.ts";

const guideFile = fileURLToPath(new URL("./integration.md", import.meta.url));
const contractFile = fileURLToPath(new URL("../../api/openapi.yaml", import.meta.url));

/** The guide as Markdown, each request in five languages. */
export async function readGuide(): Promise<string> {
  return writeOut(await readFile(guideFile, "utf8"));
}

/** The reference as Markdown, made from the contract. */
export async function readReference(): Promise<string> {
  return referenceOf(await readFile(contractFile, "utf8"));
}

/**
 * Turns `integration.md?guide` and `openapi.yaml?guide` into the blocks that the pages draw. A page and its Markdown thus have
 * one source, and neither a Markdown parser nor a highlighter reaches the browser.
 */
export function guide(): Plugin {
  return {
    name: "guide",
    enforce: "pre",
    async load(id) {
      const [file, query] = id.split("?");
      if (query !== "guide" || !file) return null;
      this.addWatchFile(file);
      return `export default ${JSON.stringify(blocksOf(await (file === contractFile ? readReference() : readGuide())))}`;
    },
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: "integration.md", source: await readGuide() });
      this.emitFile({ type: "asset", fileName: "reference.md", source: await readReference() });
      for (const [fileName, source] of await receivers()) this.emitFile({ type: "asset", fileName, source });
    },
  };
}
