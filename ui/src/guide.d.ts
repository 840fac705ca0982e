declare module "*.md?guide" {
  import type { Block } from "../guide/blocks";

  const blocks: Block[];
  export default blocks;
}
