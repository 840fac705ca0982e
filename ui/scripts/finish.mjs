// After Vite: adds LiveKit's SDK and ours for CRMs' pages, compresses, and checks what the first load weighs.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const app = new URL("../dist/app/", import.meta.url).pathname;
const limitKB = 150;

mkdirSync(join(app, "sdk"), { recursive: true });
copyFileSync(
  new URL("../node_modules/livekit-client/dist/livekit-client.umd.js", import.meta.url),
  join(app, "sdk/livekit-client.umd.min.js"),
);

copyFileSync(new URL("../../sdk/dist/click2call.js", import.meta.url), join(app, "sdk/click2call.js"));

const files = readdirSync(app, { recursive: true })
  .map(String)
  .filter((f) => statSync(join(app, f)).isFile());
for (const file of files) {
  // index.html, integration.md and reference.md are filled in when they are served.
  if (![".js", ".css", ".svg"].includes(extname(file))) continue;
  const body = readFileSync(join(app, file));
  if (body.length < 1024) continue;
  writeFileSync(join(app, `${file}.gz`), gzipSync(body, { level: 9 }));
  writeFileSync(
    join(app, `${file}.br`),
    brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
}

const manifest = JSON.parse(readFileSync(join(app, ".vite/manifest.json"), "utf8"));
rmSync(join(app, ".vite"), { recursive: true });
// The page names every script of the first load, as a script or to be loaded beforehand.
const first = new Set(readFileSync(join(app, "index.html"), "utf8").match(/assets\/[^"]+\.js/g));

const weigh = (file) => gzipSync(readFileSync(join(app, file)), { level: 9 }).length / 1024;
const total = [...first].reduce((sum, file) => sum + weigh(file), 0);
const pages = Object.values(manifest)
  .filter((c) => c.isDynamicEntry)
  .map((c) => [c.name, weigh(c.file)]);
console.log(`first load: ${total.toFixed(0)} KB of JavaScript, gzipped (at most ${limitKB})`);
for (const [name, kb] of pages.sort((a, b) => b[1] - a[1])) console.log(`  later ${name}: ${kb.toFixed(0)} KB`);
if (total > limitKB) {
  console.error(
    `The first load is too heavy. Load what only some pages need with those pages: see later() in src/app/routes.tsx.`,
  );
  process.exit(1);
}
