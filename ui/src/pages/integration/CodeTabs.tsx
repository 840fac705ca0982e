import { Tabs as MantineTabs } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import type { Block } from "../../../guide/blocks";
import { Code } from "@/components/Code";
import { withBase } from "./BlockView";
import classes from "./Integration.module.css";

/** The same thing in several languages: one of them in sight. Whoever chooses one has it everywhere. */
export function Tabs({ blocks }: { blocks: Block[] }) {
  const [chosen, choose] = useLocalStorage({ key: "click2call-language", defaultValue: "" });
  const examples = blocks.flatMap((b) =>
    b.kind === "code" ? [{ name: b.title.split(" — ")[0] ?? b.lang, ...b }] : [],
  );
  const shown = examples.find((e) => e.name === chosen) ?? examples[0];
  return (
    <MantineTabs
      value={shown?.name ?? null}
      onChange={(name) => choose(name ?? "")}
      className={classes.code}
      keepMounted={false}
    >
      <MantineTabs.List mb="xs">
        {examples.map((e) => (
          <MantineTabs.Tab key={e.name} value={e.name}>
            {e.name}
          </MantineTabs.Tab>
        ))}
      </MantineTabs.List>
      {examples.map((e) => (
        <MantineTabs.Panel key={e.name} value={e.name}>
          <Code text={withBase(e.text)} html={withBase(e.html)} title={e.title} />
        </MantineTabs.Panel>
      ))}
    </MantineTabs>
  );
}
