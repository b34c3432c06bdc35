/** Writes `docs/diagnostics/` from the catalogue: `node tools/run.js tools/generate/diagnostics-docs.ts`. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { explanationPages } from "../../compiler/index.ts";

const folder = join(process.cwd(), "docs/diagnostics");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, text] of explanationPages()) writeFileSync(join(folder, name), text);
