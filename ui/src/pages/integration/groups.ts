import type { Block } from "../../../guide/blocks";

/** Puts examples of one thing in several languages, which follow one another, into one group; all else stands alone. */
export function inGroups(blocks: Block[]): Block[][] {
  const groups: Block[][] = [];
  for (const block of blocks) {
    const last = groups.at(-1);
    if (isExample(block) && last?.every(isExample)) last.push(block);
    else groups.push([block]);
  }
  return groups;
}

function isExample(block: Block): boolean {
  return block.kind === "code" && block.title.includes(" — ");
}
