declare module "*.md?guide" {
  const blocks: import("../guide/blocks").Block[];
  export default blocks;
}
