// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { blocksOf } from "./blocks";
import { receivers } from "./receivers";
import { referenceOf } from "./reference";
import { writeOut } from "./requests";

const read = (file: string) => readFileSync(new URL(file, import.meta.url), "utf8");

describe("blocksOf", () => {
  test("reads what the page can draw", () => {
    const blocks = blocksOf(
      "# A `b`\n\nText with `code`.\n\n- one\n- **two**\n\n| h |\n|---|\n| `c` |\n\n```sh From a shell\nls\n```\n",
    );
    expect(blocks).toEqual([
      { kind: "heading", depth: 1, id: "a-b", text: "A b", html: "A <code>b</code>" },
      { kind: "paragraph", html: "Text with <code>code</code>." },
      { kind: "list", ordered: false, items: ["one", "<strong>two</strong>"] },
      { kind: "table", head: ["h"], rows: [["<code>c</code>"]] },
      { kind: "code", lang: "sh", title: "From a shell", text: "ls", html: '<span class="hljs-built_in">ls</span>' },
    ]);
  });

  test("refuses what it would lose", () => {
    expect(() => blocksOf("> a quotation")).toThrow(/cannot draw/);
  });

  test("no link of the guide or the reference needs a login or another's repository, and what they name here is served", async () => {
    const served = new Set([
      ...["integration", "integration.md", "integration/reference", "openapi.yaml", "schemas/outcome.v1.json"],
      ...["sdk/livekit-client.umd.min.js", "sdk/click2call.js"],
      ...(await receivers()).map(([path]) => path),
    ]);
    for (const text of [writeOut(read("./integration.md")), referenceOf(read("../../api/openapi.yaml"))]) {
      for (const [, link] of text.matchAll(/\]\(((?!#)[^)]+)\)/g)) {
        if (link?.startsWith("{{BASE}}/")) expect(served).toContain(link.slice("{{BASE}}/".length));
        else expect(["https://www.standardwebhooks.com"]).toContain(link);
      }
    }
  });

  test("colours change no letter, and leave the base whole", () => {
    for (const text of [writeOut(read("./integration.md")), referenceOf(read("../../api/openapi.yaml"))]) {
      for (const b of blocksOf(text)) {
        if (b.kind !== "code") continue;
        const plain = b.html.replaceAll(/<[^>]+>/g, "");
        expect(
          plain
            .replaceAll("&lt;", "<")
            .replaceAll("&gt;", ">")
            .replaceAll("&quot;", '"')
            .replaceAll("&#x27;", "'")
            .replaceAll("&amp;", "&"),
        ).toBe(b.text);
        expect(b.html.split("{{BASE}}").length).toBe(b.text.split("{{BASE}}").length);
      }
    }
  });

  test("the reference has every operation of the contract", () => {
    const contract = read("../../api/openapi.yaml");
    const headings = blocksOf(referenceOf(contract)).filter((b) => b.kind === "heading" && b.depth === 3);
    expect(headings).toHaveLength(contract.match(/^ {6}operationId:/gm)?.length ?? 0);
  });

  test("the guide is drawable, its links to itself lead somewhere, and its snippet names the base once", () => {
    const text = writeOut(read("./integration.md"));
    const blocks = blocksOf(text);
    const ids = new Set(blocks.flatMap((b) => (b.kind === "heading" ? [b.id] : [])));
    for (const [, id] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(ids).toContain(id);
    const snippet = blocks.find((b) => b.kind === "code" && b.title === "The agent's page");
    expect(snippet?.kind === "code" && snippet.text.split("{{BASE}}").length).toBe(2);
  });
});
