import { readFile } from "node:fs/promises";

const files = ["go/main.go", "go/inbox.go", "node/receiver.mjs", "node/package.json", "node/package-lock.json"];

/**
 * The receivers of webhooks that CRMs copy, by the path at which this installation serves them. Go files are served as text: in the
 * built console the go command would take them for a package of ours.
 */
export async function receivers(): Promise<[path: string, text: string][]> {
  return Promise.all(
    files.map(async (file): Promise<[string, string]> => [
      `receivers/${file.replace(/\.go$/, ".go.txt")}`,
      await readFile(new URL(`../../docs/receivers/${file}`, import.meta.url), "utf8"),
    ]),
  );
}
