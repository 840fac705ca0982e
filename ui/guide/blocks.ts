import { marked, type Token, type Tokens } from "marked";
import { highlight } from "./highlight.ts";

/** A piece of the integration guide. Strings named html hold inline HTML made from our own Markdown at build time. */
export type Block =
  | { kind: "heading"; depth: number; id: string; text: string; html: string }
  | { kind: "paragraph"; html: string }
  | { kind: "list"; ordered: boolean; items: string[] }
  | { kind: "table"; head: string[]; rows: string[][] }
  | { kind: "code"; lang: string; title: string; text: string; html: string };

/** Reads Markdown into blocks. It throws on what the page cannot draw, so that a build never loses text. */
export function blocksOf(markdown: string): Block[] {
  return marked
    .lexer(markdown)
    .filter((t) => t.type !== "space" && t.type !== "hr")
    .map(blockOf);
}

function blockOf(token: Token): Block {
  switch (token.type) {
    case "heading": {
      const t = token as Tokens.Heading;
      return {
        kind: "heading",
        depth: t.depth,
        id: slug(t.text),
        text: t.text.replaceAll("`", ""),
        html: inline(t.tokens),
      };
    }
    case "paragraph":
      return { kind: "paragraph", html: inline((token as Tokens.Paragraph).tokens) };
    case "list": {
      const t = token as Tokens.List;
      return { kind: "list", ordered: Boolean(t.ordered), items: t.items.map((i) => inline(textOf(i))) };
    }
    case "table": {
      const t = token as Tokens.Table;
      return {
        kind: "table",
        head: t.header.map((c) => inline(c.tokens)),
        rows: t.rows.map((r) => r.map((c) => inline(c.tokens))),
      };
    }
    case "code": {
      const t = token as Tokens.Code;
      const [lang = "", ...title] = (t.lang ?? "").split(" ");
      return { kind: "code", lang, title: title.join(" "), text: t.text, html: highlight(t.text, lang) };
    }
    default:
      throw new Error(
        `the integration guide holds a ${token.type}, which its page cannot draw: use headings, paragraphs, lists, tables and code`,
      );
  }
}

function textOf(item: Tokens.ListItem): Token[] {
  return item.tokens.flatMap((t) => ("tokens" in t && t.tokens ? t.tokens : [t]));
}

function inline(tokens: Token[]): string {
  return marked.Parser.parseInline(tokens);
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
