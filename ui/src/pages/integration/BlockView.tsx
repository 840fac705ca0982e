import type { Block } from "../../../guide/blocks";
import { base } from "@/app/base";
import { Code } from "@/components/Code";
import classes from "./Integration.module.css";

/** Puts this installation's address where the guide says {{BASE}}. */
export function withBase(text: string): string {
  return text.replaceAll("{{BASE}}", base).replaceAll("%7B%7BBASE%7D%7D", base);
}

// The HTML comes from our own Markdown, rendered when the console was built; see guide/plugin.ts.
const inner = (html: string) => ({ dangerouslySetInnerHTML: { __html: withBase(html) } });

/** Draws one block of the guide. */
export function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading": {
      const Heading = `h${block.depth}` as "h1" | "h2" | "h3";
      return <Heading id={block.id} {...inner(block.html)} />;
    }
    case "paragraph":
      return <p {...inner(block.html)} />;
    case "list": {
      const List = block.ordered ? "ol" : "ul";
      return (
        <List>
          {block.items.map((item) => (
            <li key={item} {...inner(item)} />
          ))}
        </List>
      );
    }
    case "table":
      return <TableView head={block.head} rows={block.rows} />;
    case "code":
      return (
        <div className={classes.code}>
          <Code text={withBase(block.text)} html={withBase(block.html)} title={block.title || block.lang} />
        </div>
      );
  }
}

function TableView({ head, rows }: { head: string[]; rows: string[][] }) {
  return (
    <div className={classes.table} tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead>
          <tr>
            {head.map((cell) => (
              <th key={cell} scope="col" {...inner(cell)} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join()}>
              {row.map((cell, i) => (
                <td key={i} {...inner(cell)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
