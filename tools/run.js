// Runs a TypeScript file of this repository: `node tools/run.js bench/start/start.ts --json`.
//
// Node 22.18 and later strip types themselves; for Node 20 each file passes through esbuild as it is loaded.
// Types are only removed, so files, line numbers and `import.meta.url` stay what they are in the source.
import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

if (!process.features.typescript) register("./typescript-loader.js", import.meta.url);

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write("usage: node tools/run.js <file.ts> [arguments]\n");
  process.exit(2);
}
const path = resolve(script);
process.argv = [process.argv[0] ?? "node", path, ...rest];
await import(pathToFileURL(path).href);
