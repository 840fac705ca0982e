// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { blocksOf } from "./blocks";

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
      { kind: "code", lang: "sh", title: "From a shell", text: "ls" },
    ]);
  });

  test("refuses what it would lose", () => {
    expect(() => blocksOf("> a quotation")).toThrow(/cannot draw/);
  });

  test("the guide is drawable, its links to itself lead somewhere, and its snippet names the base once", () => {
    const text = readFileSync(new URL("./integration.md", import.meta.url), "utf8");
    const blocks = blocksOf(text);
    const ids = new Set(blocks.flatMap((b) => (b.kind === "heading" ? [b.id] : [])));
    for (const [, id] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(ids).toContain(id);
    const snippet = blocks.find((b) => b.kind === "code" && b.title === "The agent's page");
    expect(snippet?.kind === "code" && snippet.text.split("{{BASE}}").length).toBe(2);
  });
});
