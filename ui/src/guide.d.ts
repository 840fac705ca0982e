declare module "*?guide" {
  const blocks: import("../guide/blocks").Block[];
  export default blocks;
}

// Its types are a package of their own; the reference needs one function.
declare module "js-yaml" {
  export function load(text: string): unknown;
}
