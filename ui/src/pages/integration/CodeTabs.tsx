import { Tabs as MantineTabs } from "@mantine/core";
import type { Block } from "../../../guide/blocks";
import { Code } from "@/components/Code";
import { withBase } from "./BlockView";
import classes from "./Integration.module.css";

/** The same thing in several languages: one of them in sight. */
export function Tabs({ blocks }: { blocks: Block[] }) {
  const examples = blocks.flatMap((b) =>
    b.kind === "code" ? [{ name: b.title.split(" — ")[0] ?? b.lang, title: b.title, text: b.text }] : [],
  );
  return (
    <MantineTabs defaultValue={examples[0]?.name} className={classes.code} keepMounted={false}>
      <MantineTabs.List mb="xs">
        {examples.map((e) => (
          <MantineTabs.Tab key={e.name} value={e.name}>
            {e.name}
          </MantineTabs.Tab>
        ))}
      </MantineTabs.List>
      {examples.map((e) => (
        <MantineTabs.Panel key={e.name} value={e.name}>
          <Code text={withBase(e.text)} title={e.title} />
        </MantineTabs.Panel>
      ))}
    </MantineTabs>
  );
}
