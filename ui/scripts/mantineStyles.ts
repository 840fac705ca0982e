import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const list = fileURLToPath(new URL("../src/theme/mantine.css", import.meta.url));
const styles = fileURLToPath(new URL("../node_modules/@mantine/core/styles/", import.meta.url));

/** Fails the build when it holds a component of Mantine whose styles src/theme/mantine.css leaves out: it would be shown naked. */
export function mantineStyles(): Plugin {
  return {
    name: "mantine-styles",
    apply: "build",
    generateBundle(_, bundle) {
      const listed = readFileSync(list, "utf8");
      const modules = Object.values(bundle).flatMap((file) =>
        file.type === "chunk" ? Object.entries(file.modules) : [],
      );
      const missing = modules
        .filter(([, module]) => module.renderedLength > 0)
        .flatMap(([id]) => /@mantine\/core\/.*\/(\w+)\.module\.css\.mjs$/.exec(id)?.[1] ?? [])
        .filter((name) => existsSync(`${styles}${name}.css`) && !listed.includes(`/${name}.css"`));
      if (missing.length > 0) this.error(`src/theme/mantine.css lacks the styles of ${missing.join(", ")}`);
    },
  };
}
